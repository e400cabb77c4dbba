import { PhraseList } from '../../shared/phrases.ts'
import { counted } from '../../shared/wording.ts'
import { wordsOf } from '../../shared/words.ts'
import type { LeadField } from '../fields.ts'
import { type Lead, newestDay } from '../lead.ts'

export type Points = { points: number; reason: string }

/** Something about a lead that earns points; it counts only where the file has one of its columns. */
export type Signal = {
  name: string
  columns: readonly LeadField[]
  most: number
  points: (lead: Lead, today: number) => Points | null
}

function graded(texts: Record<string, string>): PhraseList<number> {
  return new PhraseList(
    Object.entries(texts).flatMap(([points, list]) =>
      list.split(', ').map((text) => ({ text, meaning: Number(points) })),
    ),
  )
}

const titles = graded({
  15: 'ceo, cfo, cto, cio, cmo, coo, chief, founder*, co founder, owner*, managing director, president, partner, vp, vice president, geschaftsfuhr*, inhaber*, vorstand*, directeur general, gerant*, pdg, president*, director general, gerente general, dueno*, propietari*',
  12: 'head of, head, director*, leiter*, abteilungsleiter*, directeur*, directrice*, responsable*, director de',
  8: 'manager*, lead, supervisor*, buyer*, einkauf*, procurement, purchasing, achats, compras, gerente*, jefe de, chef de',
  3: 'consultant*, specialist*, engineer*, analyst*, berater*, ingenieur*, consultor*, ingenier*',
  '-10': 'student*, intern, trainee*, praktikant*, stagiaire*, etudiant*, estudiante*, becari*, werkstudent*',
})

const sources = graded({
  10: 'referral*, referred, recommend*, partner*, empfehlung*, recommandation*, recomendacion*',
  8: 'webinar*, demo*, trial*, inbound call, testzugang, essai, prueba',
  6: 'trade show*, event*, fair, conference*, messe*, veranstaltung*, salon, evenement*, feria*, evento*',
  5: 'website*, web, form, content*, download*, whitepaper*, organic, search, formular*, formulaire*, formulario*',
  3: 'ads, ad, paid, social, google, linkedin, facebook, anzeige*, publicite*, publicidad',
  '-5': 'purchased, bought list, list import, scraped, gekauft*, achete*, comprad*',
})

const statuses = graded({
  10: 'qualified, sql, mql, opportunity, qualifiziert*, qualifie*, cualificad*, calificad*',
  5: 'engaged, contacted, working, nurtur*, interested, kontaktiert*, interessiert*, contacte*, interesse*, contactad*, interesad*',
})

function wordPoints(list: PhraseList<number>, text: string, name: string): Points | null {
  const hits = list.find(wordsOf(text))
  const best = hits.toSorted((a, b) => Math.abs(b.meaning) - Math.abs(a.meaning))[0]
  return best ? { points: best.meaning, reason: `${name} "${text}"` } : null
}

function countPoints(count: number | null, each: number, most: number, name: string): Points | null {
  return count === null || count <= 0 ? null : { points: Math.min(most, count * each), reason: counted(count, name) }
}

function recency(lead: Lead, today: number): Points | null {
  const newest = newestDay(lead)
  if (newest === null) return null
  const days = Math.max(0, today - newest)
  const points = days <= 7 ? 25 : days <= 30 ? 18 : days <= 90 ? 8 : 0
  const what = lead.lastActivity === newest ? 'last active' : 'created'
  return points === 0 ? null : { points, reason: `${what} ${counted(days, 'day')} ago` }
}

function size(lead: Lead): Points | null {
  const { employees } = lead
  if (employees === null || employees < 10) return null
  return { points: employees >= 200 ? 10 : employees >= 50 ? 6 : 3, reason: `${employees} employees` }
}

export const signals: readonly Signal[] = [
  { name: 'Recent activity', columns: ['lastActivity', 'created'], most: 25, points: recency },
  { name: 'Clicks', columns: ['clicks'], most: 20, points: ({ clicks }) => countPoints(clicks, 5, 20, 'click') },
  { name: 'Opens', columns: ['opens'], most: 10, points: ({ opens }) => countPoints(opens, 2, 10, 'open') },
  { name: 'Visits', columns: ['visits'], most: 10, points: ({ visits }) => countPoints(visits, 2, 10, 'visit') },
  { name: 'Job title', columns: ['title'], most: 15, points: ({ title }) => wordPoints(titles, title, 'title') },
  { name: 'Source', columns: ['source'], most: 10, points: ({ source }) => wordPoints(sources, source, 'source') },
  { name: 'Company size', columns: ['employees'], most: 10, points: size },
  { name: 'Status', columns: ['status'], most: 10, points: ({ status }) => wordPoints(statuses, status, 'status') },
]
