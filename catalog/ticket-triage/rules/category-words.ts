import type { Category } from './categories.ts'

/** Words per category in English, German, French and Spanish; `*` stands for any ending. */
export const categoryWords: Record<Exclude<Category, 'other'>, readonly string[]> = {
  security: [
    'data breach, data leak, breach*, hack*, phishing, malware, virus, ransomware, unauthorised access, unauthorized access, stolen, security incident, suspicious, fraud*',
    'datenleck, datenpanne, gehackt*, schadsoftware, sicherheitsvorfall, unbefugt*, gestohlen*, verdachtig*, betrug*',
    'fuite de donnees, pirat*, hameconnage, acces non autorise, vole, suspect*, fraude*',
    'fuga de datos, hackead*, robad*, acceso no autorizado, sospechos*, estafa*, incidente de seguridad',
  ],
  access: [
    'log in, login*, logged out, sign in, signing in, sign on, password*, passcode, locked out, two factor, 2fa, mfa, authenticat*, access denied, reset link, verification code',
    'anmeld*, einlogg*, passwort*, kennwort*, zugang*, gesperrt*, zugriff verweigert, zwei faktor',
    'connexion, se connecter, me connecter, mot de passe, identifiant*, compte bloque, acces refuse, reinitialis*',
    'iniciar sesion, inicio de sesion, contrasena*, clave de acceso, cuenta bloqueada, acceso denegado, restablecer',
  ],
  billing: [
    'invoice*, bill, bills, billing, billed, charge, charged*, refund*, payment*, credit card, vat, receipt*, overcharg*, declined, direct debit, pricing',
    'rechnung*, abgebucht*, abbuchung*, zahlung*, bezahl*, erstatt*, ruckerstatt*, mahnung*, lastschrift*, kreditkarte*, betrag, mehrwertsteuer, gutschrift*',
    'factur*, paiement*, rembours*, prelev*, montant, tva, carte bancaire, debite*',
    'factura*, pago*, reembols*, cobro*, cobrado*, importe, iva, tarjeta de credito, recibo*',
  ],
  cancellation: [
    'cancel my, cancel our, cancel the subscription, cancel the contract, cancellation*, terminate, close my account, close our account, end my subscription, unsubscrib*, newsletter*, opt out',
    'kundig*, vertrag beenden, abmelden, abbestell*, abo beenden, konto loschen',
    'resili*, annuler mon, annuler notre, desabonn*, fermer mon compte, fin de contrat',
    'cancelar mi, cancelar nuestra, cancelar la suscripcion, dar de baja, darme de baja, baja del servicio, rescindir',
  ],
  delivery: [
    'delivery, deliver*, shipment*, shipping, shipped, parcel*, package*, tracking, courier, order, orders, ordered, arrived, return label, return it, damaged',
    'liefer*, paket*, sendung*, versand*, bestell*, zustell*, rucksend*, retoure*, beschadigt*',
    'livraison*, livre, livrer, colis, expedition*, commande*, transporteur, retourner, endommage*',
    'entrega*, entregad*, envio*, paquete*, pedido*, transportista, devolver, devolucion*, danad*',
  ],
  technical: [
    'error*, bug, bugs, crash*, broken, does not work, not working, doesn t work, stopped working, is down, shop down, outage*, offline, freez*, slow, timeout*, fails, failing, api, integration*',
    'fehler*, absturz*, absturzt, sturzt ab, funktioniert nicht, geht nicht, storung*, ausfall*, ausgefallen, defekt*, langsam*, ladt nicht, hangt',
    'erreur*, bogue*, plant*, ne fonctionne pas, ne marche pas, panne*, en panne, lent, lente, indisponible*',
    'error, errores, fallo*, falla*, no funciona*, caido, caida, averia*, lento, lenta, se bloquea, no carga',
  ],
  complaint: [
    'complain*, terrible, unacceptable, disappoint*, worst, angry, nobody answers, no reply, poor service, bad service, lawyer, legal action',
    'beschwer*, unzumutbar*, enttausch*, unverschamt*, schlechter service, niemand antwortet, keine antwort, anwalt*',
    'reclamation*, plainte*, inacceptable*, decu*, scandaleu*, personne ne repond, sans reponse, avocat*',
    'queja*, reclamacion*, inaceptable*, decepcion*, pesimo*, nadie responde, sin respuesta, abogado*',
  ],
  feedback: [
    'feature request*, suggest*, would be nice, would be great, would be useful, dark mode, wish list, please add, improvement*, idea',
    'vorschlag*, verbesserung*, ware schon, ware toll, wunsche mir, funktionswunsch*, idee',
    'suggestion*, ce serait bien, serait utile, amelioration*, souhait*, proposer',
    'sugerencia*, seria util, seria bueno, estaria bien, mejora*, propuesta*',
  ],
  question: [
    'how do i, how can i, how to, where can i, where do i, question*, is it possible, can you explain, call me back, wonder*, what is',
    'wie kann ich, wie geht, wo finde ich, frage*, ist es moglich, ruckruf*, konnen sie mir',
    'comment puis je, comment faire, ou trouver, question*, est il possible, pouvez vous m expliquer, rappeler',
    'como puedo, como se, donde puedo, donde encuentro, pregunta*, consulta*, es posible',
  ],
}
