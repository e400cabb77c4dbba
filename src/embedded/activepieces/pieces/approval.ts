import type { PieceFunction } from './piece.ts'

export const createApprovalLinks: PieceFunction = (call) => {
  const url = call.createWaitpoint()
  const output = { approvalLink: `${url}?action=approve`, disapprovalLink: `${url}?action=disapprove` }
  return { kind: 'output', output }
}

export const waitForApproval: PieceFunction = (call) => {
  if (call.resume === undefined) {
    call.createWaitpoint()
    return { kind: 'pause', output: {} }
  }
  return { kind: 'output', output: { approved: call.resume.queryParams['action'] === 'approve' } }
}
