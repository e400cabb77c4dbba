/** In an order of their own, for comparing lists whose order says nothing. */
export function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => a.localeCompare(b))
}

interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** What all pages hold together, in their order. */
export async function allPages<Item>(fetchPage: (cursor: { cursor?: string }) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await fetchPage(cursor === null ? {} : { cursor })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
