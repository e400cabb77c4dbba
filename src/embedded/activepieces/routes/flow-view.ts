import type { EngineContext } from '../context.ts'
import { piecesOf } from '../flows/importing.ts'
import { showVersion } from '../runs/presentation.ts'
import { findIdentity, findUser, type User } from '../store/accounts.ts'
import type { Flow, FlowVersion } from '../store/flows.ts'
import { showUser } from './account-view.ts'

export function showFlow(flow: Flow, version: FlowVersion | undefined) {
  const { id, created, updated, projectId, externalId, ownerId, folderId, status, publishedVersionId } = flow
  return {
    ...{ id, created, updated, projectId, externalId, ownerId, folderId, status, publishedVersionId },
    metadata: flow.metadata,
    operationStatus: flow.operationStatus,
    timeSavedPerRun: null,
    templateId: flow.templateId,
    createdBy: null,
    version: version === undefined ? null : showVersion(version),
    ...(status === 'ENABLED' ? { triggerSource: { schedule: null } } : {}),
  }
}

export function showVersionSummary(context: EngineContext, version: FlowVersion) {
  const { id, created, updated, flowId, displayName, valid, state, updatedBy, schemaVersion } = version
  const user = updatedBy === null ? undefined : findUser(context.database, updatedBy)
  const identity = user === undefined ? undefined : findIdentity(context.database, user.identityId)
  const updatedByUser = user === undefined || identity === undefined ? null : showUser(user, identity)
  return { id, created, updated, flowId, displayName, valid, state, updatedBy, schemaVersion, updatedByUser }
}

export function showTemplate(context: EngineContext, flow: Flow, version: FlowVersion, user: User) {
  const identity = findIdentity(context.database, user.identityId)
  const { displayName, trigger, schemaVersion, valid, notes } = version
  return {
    name: displayName,
    type: 'SHARED',
    summary: '',
    description: '',
    tags: [],
    blogUrl: '',
    metadata: { externalId: flow.externalId },
    author: identity === undefined ? '' : `${identity.firstName} ${identity.lastName}`,
    categories: [],
    pieces: piecesOf(trigger),
    flows: [{ displayName, trigger, schemaVersion, valid, notes }],
    status: 'PUBLISHED',
  }
}
