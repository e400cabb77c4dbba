import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { AddressRefused } from './failures.ts'

// Azure's platform address is a public one that leads inside.
const insideAddresses = new Set(['168.63.129.16'])
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether an address is a public one: no private, loopback, link-local, shared, multicast, reserved or metadata address. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast' || insideAddresses.has(address.toString())) return false
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast)
}

/** @throws {AddressRefused} unless it is https and names no address by itself that is not public. */
export function refusePrivateUrl(url: URL): void {
  if (url.protocol !== 'https:') throw new AddressRefused("A company's own engine has to be reached over https.")
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusal(host)
}

/**
 * Looks a host up for a connection and refuses it unless all its addresses are public ones. The connection is made to
 * the addresses that were judged here, so a name that answers differently the next time gains nothing.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const [first] = addresses
    if (!first || addresses.some(({ address }) => !isPublicAddress(address))) return callback(refusal(hostname), '')
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

function refusal(host: string): AddressRefused {
  return new AddressRefused(
    `The engine's address ${host} does not lie on the public network; give an address that everybody can reach.`,
  )
}
