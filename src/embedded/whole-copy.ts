import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isAlive } from './lock.ts'

/**
 * Copies a folder to a place where there is either nothing or the whole of it, whoever is killed and whoever else copies at the
 * same moment: each process copies for itself, and the first to finish takes the place. What killed ones left is removed.
 */
export function copyWhole(from: string, to: string): void {
  removeLeftOvers(to)
  if (existsSync(to)) return
  const own = mkdtempSync(`${to}.${process.pid}.`)
  try {
    chmodSync(own, 0o755)
    cpSync(from, own, { recursive: true, verbatimSymlinks: true })
    renameSync(own, to)
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    // A folder that holds something is not replaced: another process was here first.
    if (!existsSync(to)) throw error
  }
}

function removeLeftOvers(to: string): void {
  const place = dirname(to)
  for (const name of readdirSync(place)) {
    const [copy, pid] = name.startsWith(`${basename(to)}.`) ? name.slice(basename(to).length).split('.') : []
    if (copy === '' && !isAlive(Number(pid))) rmSync(join(place, name), { recursive: true, force: true })
  }
}
