import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder, and those above it, so that they survive a crash. */
export async function ensureFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Puts on the disk which files a folder has. */
export function syncFolder(folder: string): Promise<void> {
  return syncFile(folder)
}

/** Puts on the disk what a file holds. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
