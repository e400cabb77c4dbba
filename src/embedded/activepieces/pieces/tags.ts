import { asText } from '../json.ts'
import type { PieceFunction } from './piece.ts'

export const addTag: PieceFunction = (call) => {
  const name = asText(call.input['name'])
  if (name === '') throw new Error('The tag needs a name')
  call.addTag(name)
  return { kind: 'output', output: { success: true } }
}
