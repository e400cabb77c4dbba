import type { FlowDescription } from '../flow-builder.ts'
import { fileAnswer } from '../http-actions.ts'

export const flow: FlowDescription = {
  displayName: 'Invoice Ageing',
  file: { mostMegabytes: 20 },
  steps: [
    {
      name: 'read_invoices',
      displayName: 'Read the invoices',
      input: {
        data: "{{trigger['body']['input']['data']}}",
        ...fileAnswer,
        asOf: "{{trigger['body']['input']['asOf']}}",
        defaultTermsDays: "{{trigger['body']['input']['defaultTermsDays']}}",
        defaultCurrency: "{{trigger['body']['input']['defaultCurrency']}}",
        dateOrder: "{{trigger['body']['input']['dateOrder']}}",
        columns: "{{trigger['body']['input']['columns']}}",
      },
    },
    {
      name: 'settle_payments',
      displayName: 'Settle payments and credit notes',
      input: { invoices: "{{read_invoices['invoices']}}", asOf: "{{read_invoices['asOf']}}" },
    },
    {
      name: 'age_invoices',
      displayName: 'Sort by days overdue',
      input: { open: "{{settle_payments['open']}}", asOf: "{{read_invoices['asOf']}}" },
    },
    {
      name: 'expect_cash',
      displayName: 'Expect cash by week',
      input: {
        open: "{{settle_payments['open']}}",
        paidInvoices: "{{settle_payments['paidInvoices']}}",
        asOf: "{{read_invoices['asOf']}}",
      },
    },
    {
      name: 'report',
      displayName: 'Write the ageing report',
      input: {
        asOf: "{{read_invoices['asOf']}}",
        rows: "{{read_invoices['rows']}}",
        unreadRows: "{{read_invoices['unreadRows']}}",
        paidCount: "{{settle_payments['paidCount']}}",
        aged: "{{age_invoices['aged']}}",
        credits: "{{settle_payments['credits']}}",
        expectation: '{{expect_cash}}',
        readingWarnings: "{{read_invoices['warnings']}}",
        settlingWarnings: "{{settle_payments['warnings']}}",
      },
    },
  ],
}
