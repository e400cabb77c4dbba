import type { Urgency } from './urgencies.ts'

/** Words that raise or lower urgency; `normal` holds phrases that only look urgent. */
export const urgencyWords: Record<Urgency, readonly string[]> = {
  critical: [
    'is down, shop down, site down, system down, server down, everything is down, outage*, data breach, data leak, ransomware, hacked, all customers, all users, nobody can, no one can, production down, lose orders, losing orders, emergency',
    'totalausfall*, system steht, komplett ausgefallen, alle kunden, alle benutzer, niemand kann, niemand im buro, datenleck, datenpanne, notfall*, gehackt*',
    'tout est bloque, hors service, site en panne, tous les clients, tous les utilisateurs, personne ne peut, fuite de donnees, urgence absolue, pirate*',
    'sistema caido, todo caido, todos los clientes, todos los usuarios, nadie puede, fuga de datos, emergencia*, hackead*',
  ],
  high: [
    'urgent*, asap, as soon as possible, immediately, right away, today, deadline*, locked out, cannot work, can not work, blocked, important, escalat*, lawyer, legal action, third complaint, error 500',
    'dringend*, eilig*, eilt, sofort*, umgehend*, schnellstmoglich*, heute noch, frist*, gesperrt*, wichtig*, eskal*, anwalt*',
    'urgent*, au plus vite, des que possible, immediat*, aujourd hui, date limite, bloque*, important*, avocat*',
    'urgente*, cuanto antes, lo antes posible, inmediat*, hoy mismo, fecha limite, bloquead*, importante*, abogado*',
  ],
  normal: ['not important, nicht wichtig, pas important, no es importante, how important, to whom it may concern'],
  low: [
    'not urgent, no rush, no hurry, when you have time, whenever you, low priority, nice to have, would be nice, thank you for, thanks for',
    'nicht dringend, nicht eilig, hat zeit, keine eile, kein problem, bei gelegenheit, ware schon',
    'pas urgent, rien d urgent, pas presse, quand vous aurez le temps, ce serait bien',
    'no es urgente, no urgente, sin prisa, cuando pueda, cuando puedan, seria util',
  ],
}
