import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, Stack, someEmail } from './support/stack.ts'

describe('mail by SMTP', () => {
  let stack: Stack
  let inbox: Inbox

  beforeAll(async () => {
    ;[stack, inbox] = await Promise.all([Stack.start(), Inbox.open()])
  })

  afterAll(async () => {
    await stack.stop()
    await inbox.close()
  })

  test('goes to the server configured, from the sender configured', async () => {
    const smtp = { host: '127.0.0.1', port: inbox.port }
    const server = await stack.another({ autoconfirm: false, smtp, mailFrom: 'Studios <mail@studios.test>' })
    const email = someEmail()
    const arrived = inbox.next()
    const { error } = await stack.client(server).auth.signUp({ email, password })
    expect(error).toBeNull()
    const mail = await arrived
    expect(mail).toContain(`To: ${email}`)
    expect(mail).toContain('From: Studios <mail@studios.test>')
    const token = /code (\d{6})/.exec(mail)?.[1] ?? ''
    expect((await stack.client(server).auth.verifyOtp({ type: 'signup', email, token })).error).toBeNull()
  })

  test('a server that is away fails no request, and the log says so', async () => {
    const closed = await Inbox.open()
    await closed.close()
    const server = await stack.another({ smtp: { host: '127.0.0.1', port: closed.port } })
    const { email } = await stack.person()
    expect((await stack.client(server).auth.resetPasswordForEmail(email)).error).toBeNull()
    await server.close()
    expect(stack.logged.join('\n')).toContain('mail was not sent')
  })
})

/** Takes mail as an SMTP server does, as far as this protocol is needed to hand one over. */
class Inbox {
  readonly port: number
  readonly #server: Server
  readonly #waiting: ((mail: string) => void)[] = []

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', (socket) => this.#talk(socket))
  }

  static open(): Promise<Inbox> {
    const server = createServer()
    return new Promise((done, fail) => {
      server.once('error', fail)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        done(new Inbox(server, typeof address === 'object' && address ? address.port : 0))
      })
    })
  }

  next(): Promise<string> {
    return new Promise((done) => this.#waiting.push(done))
  }

  close(): Promise<void> {
    return new Promise((done) => this.#server.close(() => done()))
  }

  #talk(socket: Socket): void {
    let received = ''
    socket.write('220 inbox\r\n')
    socket.on('data', (chunk) => {
      received += chunk.toString()
      if (received === 'DATA\r\n') return void socket.write('354 go on\r\n')
      const isMail = received.startsWith('DATA')
      if (!received.endsWith(isMail ? '\r\n.\r\n' : '\r\n')) return
      if (isMail) this.#waiting.shift()?.(received)
      socket.write(received.startsWith('QUIT') ? '221 bye\r\n' : '250 ok\r\n')
      received = ''
    })
  }
}
