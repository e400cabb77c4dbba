import type { ErrorObject } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { studioFileFormat } from '../../contracts/template-manifest.ts'
import type { Issue } from '../../errors.ts'

const largestList = 100

const wording: Record<string, string> = {
  required: 'is needed',
  additionalProperties: 'is not asked for; leave it out',
}

/** A choice between properties: each alternative asks for some of them and says nothing else. */
export const alternatives = z.array(z.strictObject({ required: z.array(z.string()).min(1) }))

const choice = z.object({ keyword: z.enum(['oneOf', 'anyOf']), schema: alternatives })

/** The faults of an input in words for people; of a choice between properties one sentence, not one for each alternative. */
export function inputIssues(errors: ErrorObject[]): Issue[] {
  const choices = errors.filter((error) => choice.safeParse(error).success).map(({ schemaPath }) => `${schemaPath}/`)
  return errors
    .filter(({ schemaPath }) => !choices.some((path) => schemaPath.startsWith(path)))
    .slice(0, largestList)
    .map(toIssue)
}

function toIssue(error: ErrorObject): Issue {
  const { missingProperty, additionalProperty } = error.params
  const name = missingProperty ?? additionalProperty
  const path = `input${error.instancePath}${name === undefined ? '' : `/${name}`}`.replaceAll('/', '.')
  return { path, message: choiceMessage(error) ?? wordingOf(error) ?? error.message ?? 'is not valid' }
}

function wordingOf({ keyword, params }: ErrorObject): string | undefined {
  return params['format'] === studioFileFormat ? 'must be the id of a file in a studio' : wording[keyword]
}

function choiceMessage(error: ErrorObject): string | undefined {
  const named = choice.safeParse(error).data?.schema.map(({ required }) => required.join(' with '))
  if (named === undefined) return undefined
  const isNoneGiven = !Array.isArray(error.params['passingSchemas'])
  if (isNoneGiven) return `needs either ${named.join(' or ')}`
  return `takes either ${named.join(' or ')}, not both; leave one out`
}
