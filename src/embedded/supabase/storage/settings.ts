export interface StorageSettings {
  /** Of one object, whatever its bucket allows. */
  fileSizeLimit: number
  /** How long a link for an upload is good. */
  uploadLinkSeconds: number
  /** How long an upload by a link may go on. Whoever made the link cannot end it, and looks for what comes late for as long as that. */
  linkedUploadSeconds: number
  /** How long an upload that comes in parts may take. */
  resumableSeconds: number
  /** Received bytes of such an upload after which it can be resumed even if this process is killed. */
  checkpointBytes: number
  /** How often what nobody came back to in time is removed. */
  upkeepSeconds: number
}

export const defaultStorageSettings: StorageSettings = {
  fileSizeLimit: 52_428_800,
  uploadLinkSeconds: 7200,
  linkedUploadSeconds: 6900,
  resumableSeconds: 86_400,
  checkpointBytes: 8_388_608,
  upkeepSeconds: 600,
}
