import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { z } from 'zod'
import { envelope } from '../src/contracts/envelope.ts'
import { templateManifest } from '../src/contracts/template-manifest.ts'
import { buildFlow, checkRequestStep, type Flow, type FlowDescription } from './flow-builder.ts'
import { requestBody, runFlow, runHere } from './flow-run.ts'
import { jsonText } from './json-text.ts'

const root = import.meta.dirname
const description: z.ZodType<FlowDescription> = z.object({
  displayName: z.string(),
  file: z.object({ mostMegabytes: z.int().positive() }).optional(),
  steps: z.array(z.object({ name: z.string(), displayName: z.string(), input: z.record(z.string(), z.string()) })),
})

/** Slugs of the folders that describe a flow. */
async function buildableSlugs(): Promise<string[]> {
  return (await readdir(root)).filter((name) => existsSync(join(root, name, 'flow.ts'))).sort()
}

/** The text of a workflow's flow.json, made from its flow.ts and steps. */
export async function flowText(slug: string): Promise<string> {
  return jsonText(await generateFlow(slug))
}

async function generateFlow(slug: string): Promise<Flow> {
  const module = z.object({ flow: description }).parse(await import(join(root, slug, 'flow.ts')))
  const codes = new Map([[checkRequestStep.name, await bundle(join('shared', 'check-request.ts'))]])
  for (const { name } of module.flow.steps) {
    codes.set(name, await bundle(join(slug, 'steps', `${name.replaceAll('_', '-')}.ts`)))
  }
  return buildFlow(module.flow, codes)
}

async function bundle(path: string): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? ''
}

/** The result that a workflow gives on its sample input. */
export async function resultText(slug: string): Promise<string> {
  const flow = await generateFlow(slug)
  const { resultStep } = templateManifest.parse(await json(slug, 'template.json'))
  const input = z.record(z.string(), z.unknown()).parse(await json(slug, 'sample-input.json'))
  const outputs = await runFlow(flow, requestBody(input), runHere)
  return jsonText(envelope.parse(outputs.get(resultStep)))
}

async function json(slug: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(root, slug, name), 'utf8'))
}

interface BuildOptions {
  check?: boolean | undefined
  'update-expected'?: boolean | undefined
}

/** Builds the named workflows, or all; gives the exit code. */
async function run(options: BuildOptions, named: string[]): Promise<number> {
  let drifted = 0
  for (const slug of named.length > 0 ? named : await buildableSlugs()) {
    const path = join(root, slug, 'flow.json')
    const text = await flowText(slug)
    const isSame = existsSync(path) && (await readFile(path, 'utf8')) === text
    if (!isSame) drifted += 1
    if (!isSame && !options.check) await writeFile(path, text)
    if (!isSame)
      process.stdout.write(`${relative('.', path)} ${options.check ? 'is not what its steps give' : 'written'}\n`)
    if (options['update-expected']) await writeFile(join(root, slug, 'expected-output.json'), await resultText(slug))
  }
  return options.check && drifted > 0 ? 1 : 0
}

if (import.meta.main) {
  const options = { check: { type: 'boolean' }, 'update-expected': { type: 'boolean' } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  process.exitCode = await run(values, positionals)
}
