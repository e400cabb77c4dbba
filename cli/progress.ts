import { Transform } from 'node:stream'

const width = 30

/** Passes bytes on and shows on standard error how far they are: a bar on a terminal, a line a quarter elsewhere. */
export function showingProgress(
  label: string,
  totalBytes: number,
  out: NodeJS.WriteStream = process.stderr,
): Transform {
  let [seen, shown] = [0, -1]
  const step = out.isTTY ? 1 : 25
  const show = () => {
    const percent = totalBytes > 0 ? Math.min(100, Math.floor((seen / totalBytes) * 100)) : 100
    if (percent < shown + step && !(percent === 100 && shown < 100)) return
    shown = percent
    const line = `${label}  ${bar(percent)} ${String(percent).padStart(3)} %  ${sizeText(seen)} of ${sizeText(totalBytes)}`
    out.write(out.isTTY ? `\r${line}${percent === 100 ? '\n' : ''}` : `${line}\n`)
  }
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      seen += chunk.length
      show()
      done(null, chunk)
    },
  })
}

/** A number of bytes as people read it. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const units = ['KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`
}

function bar(percent: number): string {
  const full = Math.round((percent / 100) * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`
}
