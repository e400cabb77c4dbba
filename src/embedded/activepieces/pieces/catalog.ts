import { newId } from '../ids.ts'
import type { Database } from '../store/database.ts'
import { findInstallation, type Installation } from '../store/pieces.ts'
import { approval } from './descriptions/approval.ts'
import { delay } from './descriptions/delay.ts'
import type { FailureOption, Member, PieceDescription } from './descriptions/description.ts'
import { http } from './descriptions/http.ts'
import { tags } from './descriptions/tags.ts'
import { webhook } from './descriptions/webhook.ts'

const pieces = [approval, delay, http, tags, webhook]
const loadedAt = new Date().toISOString()
const ids = new Map(pieces.map((piece) => [piece.name, newId()]))

export function findDescription(name: string): PieceDescription | undefined {
  return pieces.find((piece) => piece.name === name)
}

/** Every built-in piece, installed or not: any of them runs. */
export function listPieces(database: Database, platformId: string) {
  return pieces.map((piece) => ({
    ...common(piece, platformId, findInstallation(database, piece.name)),
    actions: Object.keys(piece.actions).length,
    triggers: Object.keys(piece.triggers).length,
  }))
}

export function findPiece(database: Database, platformId: string, name: string) {
  const piece = findDescription(name)
  return piece === undefined ? undefined : showPiece(piece, platformId, findInstallation(database, name))
}

/** A piece with all that can be set in its actions and triggers. */
export function showPiece(piece: PieceDescription, platformId: string, installation: Installation | undefined) {
  const { failureOption } = piece
  return {
    ...common(piece, platformId, installation),
    actions: members(piece.actions, (action) => showAction(action, failureOption)),
    triggers: members(piece.triggers, showTrigger),
    contextInfo: { version: '2' },
    i18n: null,
  }
}

function common(piece: PieceDescription, platformId: string, installation: Installation | undefined) {
  const { name, displayName, description, categories } = piece
  return {
    id: installation?.id ?? ids.get(name),
    created: installation?.created ?? loadedAt,
    updated: installation?.updated ?? loadedAt,
    ...{ name, displayName, description, categories },
    authors: ['embedded engine'],
    logoUrl: '',
    projectUsage: 0,
    platformId,
    version: installation?.version ?? piece.version,
    minimumSupportedRelease: '0.82.0',
    maximumSupportedRelease: '999.999.999',
    auth: null,
    pieceType: installation === undefined ? 'OFFICIAL' : 'CUSTOM',
    packageType: installation?.packageType ?? 'REGISTRY',
    archiveId: installation?.archiveId ?? null,
  }
}

function members(all: Record<string, Member>, show: (member: Member) => object) {
  return Object.fromEntries(Object.entries(all).map(([name, member]) => [name, { name, ...show(member) }]))
}

function showAction(action: Member, failureOption: FailureOption) {
  const errorHandlingOptions = { continueOnFailure: failureOption, retryOnFailure: failureOption }
  return { ...action, requireAuth: true, errorHandlingOptions, audience: 'human' }
}

function showTrigger(trigger: Member) {
  return {
    ...trigger,
    requireAuth: true,
    type: 'WEBHOOK',
    handshakeConfiguration: { strategy: 'NONE' },
    renewConfiguration: { strategy: 'NONE' },
    sampleData: null,
    testStrategy: 'SIMULATION',
  }
}
