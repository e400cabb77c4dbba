import type { Person } from '../support/world.ts'

/** The causes of a company's failures as a person sees them. */
export const groupsOf = async ({ api }: Person, companyId: string) =>
  (await api.attention.list.query({ companyId })).items

/** The one cause that there is. */
export async function onlyGroup(person: Person, companyId: string) {
  const [group, ...others] = await groupsOf(person, companyId)
  if (!group || others.length > 0) throw new Error(`there are ${others.length + 1} groups, not one`)
  return group
}
