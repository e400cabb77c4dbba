import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PhraseList } from '../../catalog/shared/phrases.ts'
import { jaccard, likenesses } from '../../catalog/shared/similar-texts.ts'
import { sentenceWords, wordsOf } from '../../catalog/shared/words.ts'
import { categoryOf } from '../../catalog/ticket-triage/rules/categories.ts'
import { urgencyOf, urgencyOfPriority } from '../../catalog/ticket-triage/rules/urgencies.ts'

describe('category', () => {
  test.each([
    ['Invoice is wrong', 'billing'],
    ['Die Rechnung stimmt nicht', 'billing'],
    ['La facture est fausse', 'billing'],
    ['La factura no es correcta', 'billing'],
    ['Passwort vergessen', 'access'],
    ['Mot de passe oublié', 'access'],
    ['Olvidé la contraseña', 'access'],
    ['Paket beschädigt', 'delivery'],
    ['Colis endommagé', 'delivery'],
    ['Ich möchte kündigen', 'cancellation'],
    ['Je souhaite résilier', 'cancellation'],
    ['Quiero darme de baja', 'cancellation'],
    ['Die Seite lädt nicht', 'technical'],
    ['La aplicación no funciona', 'technical'],
    ['Suspicious phishing mail', 'security'],
    ['Guten Tag', 'other'],
  ])('%s', (text, category) => {
    expect(categoryOf(wordsOf(text), []).category).toBe(category)
  })

  test('the subject weighs three times the text, and the reason says what was found', () => {
    const choice = categoryOf(wordsOf('Invoice'), wordsOf('the parcel, the parcel'))
    expect(choice).toEqual({ category: 'billing', reason: '"invoice*" in the subject (3 points)' })
  })
})

describe('urgency', () => {
  test.each([
    ['not urgent at all', '', 'low'],
    ['nicht dringend', '', 'low'],
    ['urgent please', '', 'high'],
    ['It does not work. Urgent!', '', 'high'],
    ['ne marche pas. Urgent !', '', 'high'],
    ['the whole system is down', '', 'critical'],
    ['hello', 'P1', 'critical'],
    ['hello', 'Niedrig', 'low'],
    ['urgent', 'Low', 'high'],
    ['hello', 'whatever', 'normal'],
  ])('%s with priority "%s" is %s', (text, priority, urgency) => {
    expect(urgencyOf(sentenceWords(text), urgencyOfPriority(priority), priority).urgency).toBe(urgency)
  })
})

test('the longest phrase wins and each word counts once', () => {
  const list = new PhraseList([
    { text: 'not urgent', meaning: 'low' },
    { text: 'urgent*', meaning: 'high' },
  ])
  expect(list.find(wordsOf('Not urgent, but urgently: urgent')).map(({ meaning }) => meaning)).toEqual([
    'low',
    'high',
    'high',
  ])
})

test('finds what comparing all with all finds, and never anything below the threshold', () => {
  const word = fc.constantFrom(...'abcdefghijkl')
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(word, { minLength: 3, maxLength: 8 }), { maxLength: 10 }), (texts) => {
      const found = likenesses(texts, { threshold: 0.8, fewestWords: 1, comparable: () => true })
      found.forEach((likeness, i) => {
        const numbers = (at: number) => (texts[at] ?? []).map((letter) => letter.charCodeAt(0)).sort((a, b) => a - b)
        const best = Math.max(0, ...texts.slice(0, i).map((_, j) => jaccard(numbers(i), numbers(j))))
        expect(likeness?.similarity ?? 0).toBeCloseTo(best >= 0.8 ? best : 0)
      })
    }),
  )
})
