import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../src/embedded/lock.ts'

const memoryDisk = '/dev/shm'
const neededBytes = 2 * 1024 ** 3

/**
 * A folder for databases, files and whatever else lasts no longer than the run. In memory where there is room: ext4 looks
 * for long before it gives a new file the place of one just deleted, and clones of databases are all new files.
 */
export function makeRunFolder(): string {
  const place = hasRoom() ? memoryDisk : tmpdir()
  removeAbandoned(place)
  const folder = mkdtempSync(join(place, `studios-tests-${process.pid}-`))
  // PostgreSQL may run as another account than ours, and its data stay here only if that account gets in.
  chmodSync(folder, 0o711)
  return folder
}

function hasRoom(): boolean {
  try {
    accessSync(memoryDisk, constants.W_OK)
    const { bavail, bsize } = statfsSync(memoryDisk)
    return Math.min(bavail * bsize, freemem()) > neededBytes
  } catch {
    return false
  }
}

// A run that was killed leaves its folder, which in memory would stay until the machine restarts.
function removeAbandoned(place: string): void {
  for (const name of readdirSync(place)) {
    const [, pid] = /^studios-tests-(\d+)-/.exec(name) ?? []
    if (!pid || isAlive(Number(pid))) continue
    const path = join(place, name)
    if (statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true })
  }
}
