import { z } from 'zod'

/** How a column or figure is meant, so that any client can show it well. Money and exact numbers travel as decimal text. */
export const valueTypes = ['text', 'number', 'money', 'percent', 'date', 'duration'] as const
export const valueType = z.enum(valueTypes)
export type ValueType = z.infer<typeof valueType>

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** `percent` is a share times 100 (63.15 means 63.15 %), `duration` is in days, `date` is YYYY-MM-DD. */
export const resultTable = z.object({
  title: z.string(),
  columns: z.array(z.object({ key: z.string(), label: z.string(), type: valueType })),
  rows: z.array(z.record(z.string(), cell)),
})
export type ResultTable = z.infer<typeof resultTable>

export const figure = z.object({ label: z.string(), value: cell, type: valueType })
export type Figure = z.infer<typeof figure>

/** One thing worth knowing: what was found, how it was computed, and what to do about it. */
export const insight = z.object({
  id: z.string(),
  title: z.string(),
  finding: z.string(),
  computation: z.string(),
  action: z.string(),
  importance: z.enum(['high', 'medium', 'low']),
  figures: z.array(figure).default([]),
})
export type Insight = z.infer<typeof insight>

/** What could not be read or had to be assumed. `lines` are line numbers in the file, the first few only. */
export const warning = z.object({
  code: z.string(),
  message: z.string(),
  count: z.int().min(0),
  columns: z.array(z.string()).default([]),
  lines: z.array(z.int()).default([]),
})
export type Warning = z.infer<typeof warning>

/** A change of the company's own data that the run asks for. */
export const effect = z.object({ kind: z.string(), arguments: z.record(z.string(), z.unknown()) })
export type Effect = z.infer<typeof effect>

/** What every workflow returns. `data` holds the workflow's own figures and tables, as its output schema says. */
export const envelope = z.object({
  summary: z.string(),
  insights: z.array(insight),
  data: z.record(z.string(), z.unknown()),
  effects: z.array(effect),
  warnings: z.array(warning),
})
export type Envelope = z.infer<typeof envelope>
