import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { activePieces } from '../../src/engine/activepieces.ts'
import { isPublicAddress, publicLookup } from '../../src/engine/public-addresses.ts'
import { payload } from './support/engine.ts'
import { account } from './support/faulty-server.ts'

const flowId = 'F'.repeat(21)

/** A listener on this machine that counts who connects. */
async function listener() {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, connections: () => connections }
}

describe('an address', () => {
  test.each([
    ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '100.100.100.200', '192.0.0.192', '198.18.0.1', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '168.63.129.16', '192.0.2.1', '203.0.113.9'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1'],
    ...['::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', '2001::1', 'not an address', ''],
  ])('%s is not a public one', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
    '%s is a public one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

describe("a company's engine", () => {
  test.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://localhost',
  ])('at %s is refused before anything connects', async (host) => {
    const { port, connections } = await listener()
    const engine = activePieces({ url: `${host}:${port}`, account, webhookSecret: 's', isPublicOnly: true })
    const outcome = await engine.start(flowId, payload())
    expect(outcome).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('public network') })
    expect((await engine.status()).problem).toContain('public network')
    expect(connections()).toBe(0)
  })

  test('is reached over https only', async () => {
    const { port, connections } = await listener()
    const engine = activePieces({ url: `http://localhost:${port}`, account, webhookSecret: 's', isPublicOnly: true })
    expect(await engine.status()).toMatchObject({ isHealthy: false, problem: expect.stringContaining('https') })
    expect(connections()).toBe(0)
  })

  test.each([{ all: true }, { all: false }])('has its name judged where the connection looks it up (%o)', (options) => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    publicLookup('localhost', options, (error, address) => resolve(error ?? address))
    return expect(promise).resolves.toMatchObject({ name: 'AddressRefused' })
  })

  test('of the operator may lie wherever it lies', async () => {
    const { port, connections } = await listener()
    const engine = activePieces({ url: `http://127.0.0.1:${port}`, account, webhookSecret: 's' })
    expect(await engine.start(flowId, payload())).toMatchObject({ kind: 'unclear' })
    expect(connections()).toBe(1)
  })
})
