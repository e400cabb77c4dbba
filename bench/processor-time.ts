import { readdirSync, readFileSync } from 'node:fs'

// Linux counts in hundredths of a second for every program, whatever its clock does.
const millisecondsPerTick = 10

interface ProcessTimes {
  parent: number
  /** Of the process itself, and of children that it has seen end. */
  milliseconds: number
}

/** User and system time so far of each named process, in milliseconds; with its children where `withChildren` names it. */
export function processorTimes(processes: Record<string, number>, withChildren: readonly string[]) {
  const all = readProcesses()
  const timeOf = (pid: number): number => all.get(pid)?.milliseconds ?? 0
  const childrenOf = (pid: number) => [...all].filter(([, { parent }]) => parent === pid).map(([child]) => child)
  return Object.fromEntries(
    Object.entries(processes).map(([name, pid]) => {
      const counted = withChildren.includes(name) ? [pid, ...childrenOf(pid)] : [pid]
      return [name, counted.reduce((sum, one) => sum + timeOf(one), 0)]
    }),
  )
}

function readProcesses(): Map<number, ProcessTimes> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(pids.flatMap((pid) => readProcess(pid)))
}

function readProcess(pid: string): [number, ProcessTimes][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything; behind it come state, parent and, from the 12th on, the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return [[Number(pid), { parent: Number(fields[1]), milliseconds: ticks * millisecondsPerTick }]]
  } catch {
    return []
  }
}
