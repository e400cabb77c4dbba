import { z } from 'zod'
import { newId } from '../ids.ts'
import { flag } from './columns.ts'
import type { Database } from './database.ts'

const identityRow = z.object({
  id: z.string(),
  email: z.string(),
  passwordHash: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  trackEvents: flag,
  newsLetter: flag,
  tokenVersion: z.string(),
  created: z.string(),
  updated: z.string(),
})

const userRow = z.object({
  id: z.string(),
  identityId: z.string(),
  platformId: z.string(),
  created: z.string(),
  updated: z.string(),
})

const platformRow = z.object({
  id: z.string(),
  name: z.string(),
  ownerId: z.string(),
  created: z.string(),
  updated: z.string(),
})

const secretRow = z.object({ value: z.string() })

export type Identity = z.output<typeof identityRow>
export type User = z.output<typeof userRow>
export type Platform = z.output<typeof platformRow>

export function getSecret(database: Database, name: string, make: () => string): string {
  database.run('insert or ignore into secrets (name, value) values (?, ?)', name, make())
  return database.one(secretRow, 'select value from secrets where name = ?', name)?.value ?? ''
}

export function insertIdentity(database: Database, identity: Omit<Identity, 'updated'>): void {
  database.run(
    `insert into identities (id, email, passwordHash, firstName, lastName, trackEvents, newsLetter, tokenVersion,
      created, updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    identity.id,
    identity.email,
    identity.passwordHash,
    identity.firstName,
    identity.lastName,
    Number(identity.trackEvents),
    Number(identity.newsLetter),
    identity.tokenVersion,
    identity.created,
    identity.created,
  )
}

export function findIdentity(database: Database, id: string): Identity | undefined {
  return database.one(identityRow, 'select * from identities where id = ?', id)
}

export function findIdentityByEmail(database: Database, email: string): Identity | undefined {
  return database.one(identityRow, 'select * from identities where email = ?', email)
}

export function rotateTokenVersion(database: Database, identityId: string): string {
  const tokenVersion = newId()
  database.run('update identities set tokenVersion = ? where id = ?', tokenVersion, identityId)
  return tokenVersion
}

export function insertUser(database: Database, user: Omit<User, 'updated'>): void {
  const sql = 'insert into users (id, identityId, platformId, created, updated) values (?, ?, ?, ?, ?)'
  database.run(sql, user.id, user.identityId, user.platformId, user.created, user.created)
}

export function findUser(database: Database, id: string): User | undefined {
  return database.one(userRow, 'select * from users where id = ?', id)
}

export function findUserOfIdentity(database: Database, identityId: string): User | undefined {
  return database.one(userRow, 'select * from users where identityId = ?', identityId)
}

export function insertPlatform(database: Database, platform: Omit<Platform, 'updated'>): void {
  const sql = 'insert into platforms (id, name, ownerId, created, updated) values (?, ?, ?, ?, ?)'
  database.run(sql, platform.id, platform.name, platform.ownerId, platform.created, platform.created)
}

/** A community installation has one platform. */
export function findPlatform(database: Database): Platform | undefined {
  return database.one(platformRow, 'select * from platforms limit 1')
}
