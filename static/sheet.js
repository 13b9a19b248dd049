// Printing seeds: one sheet a machine, filled in here, because the server does not have the seeds.
const {complain, date, language, t} = spirekeeper

const MM_PER_MODULE = 1.1 // four pixels, at 96 an inch, are 1.06
const SMALLEST_MM = 120
const LARGEST_MM = 144 // what a letter page has left beside two lines each of name and location
const QUIET_MODULES = 4

let forgetLast = () => {}

// Opens the browser's print dialog; true when it was closed again, whether or not that printed.
// `sheets`: [{name, location, seed_url, scan_before, spire_fingerprint}]
async function printSheets(sheets) {
  const markup = await LNbits.api.request('GET', '/spirekeeper/sheet').catch(complain)
  if (!markup) return false
  forgetSheets()
  const frame = document.createElement('iframe')
  const codes = []
  const focused = document.activeElement
  forgetLast = () => {
    codes.forEach(code => code.unmount())
    frame.remove()
  }
  try {
    await loaded(frame, markup.data)
    codes.push(...fill(frame.contentDocument, sheets))
    await printed(frame.contentWindow)
    return true
  } finally {
    forgetSheets()
    focused?.focus() // printing took it
  }
}

// Nothing of the seeds stays in the page.
function forgetSheets() {
  forgetLast()
  forgetLast = () => {}
}

function loaded(frame, markup) {
  frame.setAttribute('aria-hidden', 'true')
  frame.tabIndex = -1
  frame.style.cssText = 'position: fixed; width: 0; height: 0; border: 0'
  frame.srcdoc = markup
  return new Promise(resolve => {
    frame.onload = resolve
    document.body.append(frame)
  })
}

function fill(page, sheets) {
  page.documentElement.lang = language()
  const blank = page.querySelector('template')
  const codes = sheets.map(sheet => {
    const article = blank.content.firstElementChild.cloneNode(true)
    const slot = name => article.querySelector(`[data-slot="${name}"]`)
    slot('name').textContent = sheet.name
    slot('location').textContent = sheet.location
    slot('scan_before').textContent = withZone(sheet.scan_before)
    slot('spire_fingerprint').textContent = sheet.spire_fingerprint
    page.body.append(article)
    return drawCode(slot('qr'), sheet.seed_url)
  })
  for (const each of page.querySelectorAll('[data-text]')) {
    each.textContent = t(`spirekeeper.sheet.${each.dataset.text}`)
  }
  return codes
}

// Paper may be read in another time zone than the one it was printed in.
function withZone(iso) {
  return `${date(iso)} ${LNbits.utils.formatDate(iso, '[UTC]Z')}`
}

// The denser the code, the larger it is drawn; its viewBox counts in modules.
function drawCode(place, seed) {
  const code = Vue.createApp({
    render: () =>
      Vue.h(QrcodeVue.default, {
        value: seed,
        level: 'L',
        renderAs: 'svg',
        background: '#ffffff',
        foreground: '#000000',
        margin: QUIET_MODULES
      })
  })
  code.mount(place)
  const svg = place.querySelector('svg')
  const wanted = svg.viewBox.baseVal.width * MM_PER_MODULE
  const size = `${Math.min(LARGEST_MM, Math.max(SMALLEST_MM, wanted))}mm`
  Object.assign(svg.style, {width: size, height: size})
  return code
}

function printed(frame) {
  return new Promise(resolve => {
    frame.onafterprint = resolve
    frame.focus()
    frame.print()
  })
}

Object.assign(spirekeeper, {forgetSheets, printSheets})
