import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { refusal } from '../routers/refusal.ts'
import { keepFile } from '../support/files.ts'
import { type Person, test, type World } from '../support/world.ts'

const place = fc.nat({ max: 7 })
const name = fc.constantFrom('One', 'ONE', 'Two', 'Three')

/** What people do to a tree; numbers choose among the folders and files that are there, `top` the top of the studio. */
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('create'), at: place, to: place, name, top: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('move'), at: place, to: place, name, top: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      verb: fc.constantFrom('rename', 'trash', 'restore', 'moveFile', 'trashFile', 'restoreFile'),
      at: place,
      to: place,
      name,
      top: fc.boolean(),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

interface Node {
  id: string
  place: string | null
  name: string
  isFile: boolean
  isTrashed: boolean
  takenBy: string | null
}

async function treeOf({ stack }: World, studioId: string): Promise<Node[]> {
  const { rows } = await stack.owner.query<Node>(
    `select id, parent_id as place, name, false as "isFile", deleted_at is not null as "isTrashed", deleted_with as "takenBy"
     from folders where studio_id = $1
     union all
     select id, folder_id, filename, true, deleted_at is not null, deleted_with from files where studio_id = $1 order by id`,
    [studioId],
  )
  return rows
}

function isAtMostTwentyDeep(node: Node, byId: Map<string, Node>): boolean {
  let up: Node | undefined = node
  for (let level = 1; level <= 21 && up; level += 1) up = up.place === null ? undefined : byId.get(up.place)
  return up === undefined
}

/** What is wrong with a tree. */
function faultsOf(nodes: Node[]): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const beside = new Set<string>()
  return nodes.flatMap((node) => {
    const faults: string[] = []
    const above = node.place === null ? undefined : byId.get(node.place)
    if (!node.isTrashed && above?.isTrashed) faults.push(`${node.name} lies in the trash`)
    if (!node.isTrashed && node.takenBy) faults.push(`${node.name} is said to be in the trash`)
    if (!isAtMostTwentyDeep(node, byId)) faults.push(`${node.name} is in a circle or too deep`)
    const key = `${node.place} ${node.name.toLowerCase()}`
    if (!node.isFile && !node.isTrashed && beside.has(key)) faults.push(`${node.name} is there twice`)
    if (!node.isFile && !node.isTrashed) beside.add(key)
    return faults
  })
}

async function act(
  { api }: Person,
  studioId: string,
  nodes: Node[],
  { verb, at, to, name, top }: Action,
): Promise<void> {
  const pick = (isFile: boolean, index: number) => {
    const those = nodes.filter((node) => node.isFile === isFile)
    return those[index % Math.max(those.length, 1)]?.id
  }
  const [folderId, fileId, target] = [pick(false, at), pick(true, at), top ? undefined : pick(false, to)]
  if (verb === 'create') {
    await api.folders.create.mutate({ studioId, name, ...(target && { parentId: target }) })
  } else if (verb.endsWith('File')) {
    if (!fileId) return
    if (verb === 'moveFile') await api.files.move.mutate({ fileId, folderId: target ?? null })
    else await api.files[verb === 'trashFile' ? 'trash' : 'restore'].mutate({ fileId })
  } else if (folderId) {
    if (verb === 'rename') await api.folders.rename.mutate({ folderId, name })
    else if (verb === 'move') await api.folders.move.mutate({ folderId, parentId: target ?? null })
    else await api.folders[verb === 'trash' ? 'trash' : 'restore'].mutate({ folderId })
  }
}

/** Refused for what the tree forbids, never for a fault or a deadlock. */
async function actOrBeRefused(...[person, studioId, nodes, wanted]: Parameters<typeof act>): Promise<void> {
  await act(person, studioId, nodes, wanted).catch(async (error: unknown) => {
    const { code, message } = await refusal(Promise.reject(error))
    expect(['CONFLICT', 'PRECONDITION_FAILED'], `${wanted.verb}: ${code} ${message}`).toContain(code)
  })
}

describe('any changes of a tree of folders, two at a time', () => {
  test('leave a forest; a folder that is put into the trash and restored leaves it as it was', async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    await world.stack.owner.query('insert into company_limits (company_id, max_studios) values ($1, 1000)', [companyId])
    const property = fc.asyncProperty(
      fc.array(fc.tuple(action, fc.option(action, { nil: undefined })), { minLength: 6, maxLength: 14 }),
      place,
      async (steps, chosen) => {
        const { id: studioId } = await world.studio(admin, companyId)
        for (const accessLevel of ['studio', 'private'] as const)
          await keepFile(world.stack, admin, { studioId, accessLevel })
        await keepFile(world.stack, member, { studioId })
        for (const first of ['A', 'B', 'C']) await admin.api.folders.create.mutate({ studioId, name: first })
        for (const [one, other] of steps) {
          const nodes = await treeOf(world, studioId)
          const both = [actOrBeRefused(admin, studioId, nodes, one)]
          if (other) both.push(actOrBeRefused(admin, studioId, nodes, other))
          await Promise.all(both)
          expect(faultsOf(await treeOf(world, studioId))).toEqual([])
        }
        const before = await treeOf(world, studioId)
        const living = before.filter(({ isFile, isTrashed }) => !isFile && !isTrashed)
        const folderId = living[chosen % Math.max(living.length, 1)]?.id
        if (!folderId) return
        await member.api.folders.trash.mutate({ folderId })
        const gone = (await treeOf(world, studioId)).filter(
          ({ id, takenBy }) => id === folderId || takenBy === folderId,
        )
        expect(gone.every(({ isTrashed }) => isTrashed)).toBe(true)
        await member.api.folders.restore.mutate({ folderId })
        expect(await treeOf(world, studioId)).toEqual(before)
      },
    )
    await fc.assert(property, { numRuns: 15 })
  }, 120_000)
})
