import { fail, noSuchBucket } from './errors.ts'

// No path is ever made of a name; what could climb in one is refused all the same.
const keyPattern = /^[A-Za-z0-9_/!.*'() &$=@;:+,?-]+$/
const bucketPattern = /^[A-Za-z0-9_!.*'() &$=@;:+,?-]+$/
const longestKey = 1024

/** Where an object is or is going to be. */
export interface Place {
  bucketId: string
  name: string
}

export function requireKey(name: string): string {
  if (name.split('/').some(climbs) || name.length > longestKey || !keyPattern.test(name)) {
    fail(400, 'InvalidKey', `Invalid key: ${name.slice(0, longestKey)}`)
  }
  return name
}

export function isBucketName(name: string): boolean {
  return name.length <= 100 && name.trim() === name && !climbs(name) && bucketPattern.test(name)
}

/** A bucket that there may be. */
export function requireBucketId(id: string): string {
  if (!isBucketName(id)) throw noSuchBucket()
  return id
}

function climbs(part: string): boolean {
  return part === '.' || part === '..'
}
