// Base words of the passwords found most often in published leaks. Most real ones are such a word with a year or a few
// digits behind it, so the comparison is made without case, common letter substitutions, digits and signs at the ends.
const words = `
aaaaaaaaaa abcabc abcdef abcdefg abcdefgh abcdefghi abcdefghij abcd access account action admin administrator
airplane alejandro alexander alexandra alexis amanda amazon america andrea andrew angel angela angels anthony apple
arsenal asdasd asdasdasd asdfasdf asdfg asdfgh asdfghj asdfghjk asdfghjkl asdfjkl ashley asshole austin azerty
azertyuiop baby babygirl bailey banana barcelona baseball basketball batman beautiful benjamin bigdaddy blahblah
blessed blink blueberry bonjour booboo brandon brandy brasil breanna brittany brooklyn bubbles buster butterfly
california cameron caroline carolina changeme change charles charlie cheese chelsea chester chicago chicken chocolate
christian christina christopher company compaq computer cookie cookies corona correcthorsebatterystaple corvette
cowboys crystal daniel daniela danielle darkness darling default defaultpassword demo destiny diamond digital
dolphin dolphins dragon dragonball dragons eagles eastside elephant elizabeth eminem emmanuel eric estrella facebook
falcon family fernando ferrari fireman flower flowers football forever forever friend friends freedom fuckme fuckoff
fuckyou gabriel games gandalf garfield george gfhjkm giants ginger gloria godisgood godzilla golden goldfish
google googlegoogle gorgeous grandma guest guitar hammer hannah happy happiness harley harrypotter heather hello
helloworld hellokitty helloword hockey homework honey hooters hottie hunter iceman iloveyou iloveyoubaby iloveu
iloveme imissyou infinity inter internet iverson jackson jasmine jason jeffrey jennifer jeremy jessica jesus
jesuschrist jesusislord johnny johnson jonathan jordan joseph joshua junior justin justinbieber katherine
killer killerkiller kimberly kingkong kitty klaster knight lakers lauren leonardo letmein letmeinnow letmeinplease
letter liberty linkedin linkinpark liverpool login loginlogin logitech london louise love lovelove lovely
loveme lover loverboy lovers loveyou lucky madison maggie magic manchester manchesterunited mariposa marlboro
marshall martin master masterkey matrix matthew maverick maxwell melissa mercedes merlin michael michelle
microsoft midnight mindset miguel minecraft mississippi mnbvcxz monica monkey monster morgan mother motorola
mustang myspace mypassword naruto natasha nathan newyork nicholas nicole nintendo nirvana nothing number office
oliver orange packers panther parola passpass passw passwd password passwordpassword passwort patricia patrick
peanut pepper phoenix pokemon police poohbear popcorn porsche prince princess princesa private purple pussy qazwsx
qazwsxedc qazxsw qweasd qweasdzxc qweqwe qweqweqwe qwert qwerty qwertyqwerty qwertyu qwertyui qwertyuio qwertyuiop
qwertyuiopasdfghjkl rachel rainbow ranger rangers raymond realmadrid rebecca redsox richard robert rockstar
rockyou ronaldo root rootroot samantha samsung sandra saturn scooby scooter scorpio scorpion secret secretpassword
security server sexy sexygirl shadow shannon shalom sharingan simple skywalker slayer slipknot snickers snoopy
soccer software sophie spiderman spongebob startrek starwars steelers stephanie steven stupid success summer sunday
sunflower sunshine superman superstar supersecret supabase support sweetheart sweetie sweety system taylor teacher
tennis temp temporary test testing testtest testuser thebest thomas thunder tigger tiger tigers tinkerbell titanic
tomorrow trinity trustno trustnoone twilight unicorn united user username valentine vanessa veronica victoria
vincent volleyball warrior warriors webmaster welcome welcomehome welcometo westside whatever whiskey william
william winner winter wizard wolverine woaini xxxxxxxxxx yamaha yankees yellow zaqwsx zaqxsw zxcvbn zxcvbnm zxczxc
admin123admin studio studios studiosai autumn spring monday tuesday wednesday thursday friday saturday january
february march april june july august september october november december iamthebest letsgo mother fucker
motherfucker nopassword none nothing yourpassword thisismypassword thepassword newpassword oldpassword
passphrase pa55word administrator superuser sysadmin manager marketing sales finance
`

const common = new Set(words.split(/\s+/).map(withoutDecoration))
const numberRows =
  '01234567890123456789 98765432109876543210 12345678901234567890 09876543210987654321 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc4rfv5tgb6yhn'
const substitutes: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  '5': 's',
  $: 's',
  '7': 't',
}

/** Whether a password is one of the first an attacker would try. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase()
  if (new Set(lower).size <= 2 || numberRows.includes(lower)) return true
  if (repeatsItself(lower)) return true
  return [withoutDecoration(lower), withoutDecoration(plainLetters(trimmed(lower)))].some((word) => common.has(word))
}

function withoutDecoration(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, '')
}

function trimmed(word: string): string {
  return word.replace(/^[^a-z@$]+|[^a-z]+$/g, '')
}

function plainLetters(word: string): string {
  return word.replace(/[@43105$!7]/g, (sign) => substitutes[sign] ?? sign)
}

function repeatsItself(word: string): boolean {
  return /^(.{1,4})\1{2,}.?$/.test(word)
}
