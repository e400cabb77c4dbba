import { createApprovalLinks, waitForApproval } from './approval.ts'
import { delayFor, delayUntil } from './delay.ts'
import { sendRequest } from './http.ts'
import type { PieceFunction } from './piece.ts'
import { addTag } from './tags.ts'
import { returnResponse, returnResponseAndWait } from './webhook.ts'

export const webhookPiece = '@activepieces/piece-webhook'
export const webhookTrigger = 'catch_webhook'

const functions: Record<string, PieceFunction> = {
  [`${webhookPiece} return_response`]: returnResponse,
  [`${webhookPiece} return_response_and_wait_for_next_webhook`]: returnResponseAndWait,
  '@activepieces/piece-http send_request': sendRequest,
  '@activepieces/piece-delay delayFor': delayFor,
  '@activepieces/piece-delay delayUntil': delayUntil,
  '@activepieces/piece-delay delay_until': delayUntil,
  '@activepieces/piece-approval create_approval_links': createApprovalLinks,
  '@activepieces/piece-approval wait_for_approval': waitForApproval,
  '@activepieces/piece-tags add_tag': addTag,
}

/** The action of a piece; throws an error that names the piece where the engine has none. */
export function findPieceFunction(pieceName: string, pieceVersion: string, actionName: string): PieceFunction {
  const key = `${pieceName} ${actionName}`
  const found = Object.hasOwn(functions, key) ? functions[key] : undefined
  if (found !== undefined) return found
  const known = Object.keys(functions).some((name) => name.startsWith(`${pieceName} `))
  throw new Error(
    known
      ? `Action ${actionName} of piece ${pieceName}@${pieceVersion} is not available in the embedded engine`
      : `Piece ${pieceName}@${pieceVersion} is not available in the embedded engine`,
  )
}
