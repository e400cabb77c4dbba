import type { CompanyWatchItem, WatchCompanyInput } from '../../contracts/watching.ts'
import { type CompanyLook, type EventPlace, findHorizon, listCompanyEvents } from '../../db/queries/company-events.ts'
import { badInput } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'

const batch = 100
/** How long to wait, at first and at most, where events are held back: no further ring tells when they are not. */
const heldBackMs = { first: 5, most: 250 }

export interface WatchPace {
  signal: AbortSignal
  /** Access is looked at again at least this often. */
  recheckMs?: number
}

export interface TrackedItem {
  /** Pass it as `lastEventId` to go on after this item. */
  place: string
  item: CompanyWatchItem
}

/**
 * The events of a company's runs, each once and in the order in which their transactions became part of the past, for as
 * long as the caller belongs to the company. An event waits until no older transaction of the database is under way.
 * @throws {DomainError} BAD_REQUEST for a place that lies ahead; NOT_FOUND or UNAUTHORIZED, also in the middle, once the
 * caller may not see the company any more.
 */
export async function* watchCompany(
  ctx: ServiceContext,
  input: WatchCompanyInput,
  { signal, recheckMs = 10_000 }: WatchPace,
): AsyncGenerator<TrackedItem> {
  const bell = ctx.bell(input.companyId)
  try {
    let place = input.lastEventId ? readPlace(input.lastEventId) : await placeOfNow(ctx, input.companyId)
    let toldAt = Number.NEGATIVE_INFINITY
    let heldBackFor = 0
    if (!input.lastEventId) {
      yield positionAt(place)
      toldAt = performance.now()
      await bell.next(recheckMs, signal)
    }
    while (!signal.aborted) {
      const look = await lookBehind(ctx, input, place)
      for (const { event, ...at } of look.events) yield { place: writePlace(at), item: event }
      place = placeAfter(look)
      if (look.events.length === batch) continue
      if (performance.now() - toldAt >= recheckMs) {
        yield positionAt(place)
        toldAt = performance.now()
      }
      heldBackFor = look.isHeldBack ? Math.min(2 * heldBackFor || heldBackMs.first, heldBackMs.most) : 0
      await bell.next(heldBackFor || recheckMs, signal)
    }
  } finally {
    bell.close()
  }
}

// Once all events before the horizon have been seen, the next look need not pass them again, whatever it looks for.
function placeAfter({ events, horizon }: CompanyLook): EventPlace {
  return (events.length === batch ? events.at(-1) : undefined) ?? { transactionId: horizon, id: 0 }
}

function placeOfNow(ctx: ServiceContext, companyId: string): Promise<EventPlace> {
  return ctx.read(async (tx) => {
    await requireRole(tx, companyId, 'viewer')
    return { transactionId: await findHorizon(tx), id: 0 }
  })
}

// Whoever is shown an event may see it; only where there is none has somebody perhaps lost access.
function lookBehind(ctx: ServiceContext, input: WatchCompanyInput, place: EventPlace): Promise<CompanyLook> {
  return ctx.read(async (tx) => {
    const look = await listCompanyEvents(tx, input, place, batch)
    if (look.events.length === 0) await requireRole(tx, input.companyId, 'viewer')
    if (BigInt(place.transactionId) > BigInt(look.horizon))
      badInput([{ path: 'lastEventId', message: 'lies ahead of all events; leave it out to begin now' }])
    return look
  })
}

function positionAt(place: EventPlace): TrackedItem {
  return { place: writePlace(place), item: { type: 'position' } }
}

function readPlace(text: string): EventPlace {
  const [transactionId = '', id = ''] = text.split('-')
  return { transactionId, id: Number(id) }
}

function writePlace({ transactionId, id }: EventPlace): string {
  return `${transactionId}-${id}`
}
