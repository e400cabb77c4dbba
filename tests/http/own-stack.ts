import { onTestFinished } from 'vitest'
import { startTestStack } from '../support/stack.ts'
import { type World, worldOn } from '../support/world.ts'

/** A world on a stack that this test alone has, to be set differently or to be broken. */
export async function ownWorld(variables: Record<string, string> = {}): Promise<World> {
  const stack = await startTestStack(variables)
  onTestFinished(() => stack.close())
  return worldOn(stack)
}
