import { newId } from '../ids.ts'
import { webhookPiece, webhookTrigger } from './registry.ts'

interface PieceEntry {
  name: string
  displayName: string
  description: string
  version: string
  actions: Record<string, string>
  triggers: Record<string, string>
}

const pieces: PieceEntry[] = [
  {
    name: '@activepieces/piece-approval',
    displayName: 'Approval (Legacy)',
    description: 'Links that let a person approve or refuse, and a step that waits for it',
    version: '0.1.20',
    actions: { wait_for_approval: 'Wait for Approval', create_approval_links: 'Create Approval Links' },
    triggers: {},
  },
  {
    name: '@activepieces/piece-delay',
    displayName: 'Delay',
    description: 'Waits before the next step',
    version: '0.3.28',
    actions: { delayFor: 'Delay For', delay_until: 'Delay Until' },
    triggers: {},
  },
  {
    name: '@activepieces/piece-http',
    displayName: 'HTTP',
    description: 'Sends an HTTP request and gives its answer',
    version: '0.11.10',
    actions: { send_request: 'Send HTTP request' },
    triggers: {},
  },
  {
    name: '@activepieces/piece-tags',
    displayName: 'Tags',
    description: 'Marks the run with a tag that the list of runs can be filtered by',
    version: '0.0.18',
    actions: { add_tag: 'Add Tag' },
    triggers: {},
  },
  {
    name: webhookPiece,
    displayName: 'Webhook',
    description: 'Starts a flow by an HTTP request, and answers it',
    version: '0.1.35',
    actions: {
      return_response: 'Return Response',
      return_response_and_wait_for_next_webhook: 'Respond and Wait for Next Webhook',
    },
    triggers: { [webhookTrigger]: 'Catch Webhook' },
  },
]

const loadedAt = new Date().toISOString()
const ids = new Map(pieces.map((piece) => [piece.name, newId()]))

export function listPieces(platformId: string) {
  return pieces.map((piece) => ({
    ...common(piece, platformId),
    actions: Object.keys(piece.actions).length,
    triggers: Object.keys(piece.triggers).length,
  }))
}

export function findPiece(name: string, platformId: string) {
  const piece = pieces.find((candidate) => candidate.name === name)
  if (piece === undefined) return undefined
  return { ...common(piece, platformId), actions: members(piece.actions), triggers: members(piece.triggers) }
}

function common(piece: PieceEntry, platformId: string) {
  return {
    id: ids.get(piece.name),
    created: loadedAt,
    updated: loadedAt,
    name: piece.name,
    authors: ['embedded engine'],
    displayName: piece.displayName,
    logoUrl: '',
    projectUsage: 0,
    description: piece.description,
    platformId,
    version: piece.version,
    minimumSupportedRelease: '0.82.0',
    maximumSupportedRelease: '999.999.999',
    auth: null,
    pieceType: 'OFFICIAL',
    categories: ['CORE'],
    packageType: 'REGISTRY',
    archiveId: null,
  }
}

function members(names: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(names).map(([name, displayName]) => [name, { name, displayName, description: '', props: {} }]),
  )
}
