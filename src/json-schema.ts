import { Ajv2020, type Options } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { z } from 'zod'
import { studioFileFormat } from './contracts/template-manifest.ts'

const fileId = z.uuid()

/** Checks values against JSON Schemas (2020-12), whose formats are those of the standard and `studio-file`. */
export function schemaChecker(options: Options): Ajv2020 {
  const ajv = new Ajv2020(options)
  // ajv-formats publishes CommonJS, whose default export TypeScript sees one level too deep.
  ;(addFormats as unknown as (target: Ajv2020) => void)(ajv)
  return ajv.addFormat(studioFileFormat, (text) => fileId.safeParse(text).success)
}
