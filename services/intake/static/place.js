// A position: from the telephone, from a photo, or from a tap on the map. Words alone are always enough.
const $ = s => document.querySelector(s), vi = document.documentElement.lang !== 'en', say = (here, there) => vi ? here : there
const out = $('#geo-msg'), field = name => $(`[name=${name}]`)
export const inside = (lat, lng) => {
  const [south, north, west, east] = out.dataset.bounds.split(',').map(Number)
  return lat >= south && lat <= north && lng >= west && lng <= east
}
export const put = (lat, lng, metres) => {
  const found = inside(lat, lng)
  field('lat').value = found ? lat.toFixed(6) : ''
  field('lng').value = found ? lng.toFixed(6) : ''
  field('acc').value = found && metres ? metres : ''
  out.textContent = !found ? say('Vị trí này ở ngoài địa bàn của chúng tôi. Hãy ghi địa điểm bằng chữ.', 'This position is outside our territory. Please describe the place in words.')
    : metres ? say(`Đã ghi vị trí, sai số khoảng ${metres} m. Bạn vẫn nên ghi rõ địa điểm.`, `Position noted, within about ${metres} m. Please still describe the place.`)
    : say('Đã ghi vị trí. Bạn vẫn nên ghi rõ địa điểm.', 'Position noted. Please still describe the place.')
  if (found && pin) pin.setLatLng([lat, lng])
  return found
}

export const here = () => {
  out.textContent = say('Đang lấy vị trí…', 'Finding where you are…')
  navigator.geolocation.getCurrentPosition(({ coords: c }) => put(c.latitude, c.longitude, Math.round(c.accuracy)),
    () => { out.textContent = say('Không lấy được vị trí. Hãy nhập địa điểm bằng chữ.', 'No position found. Please describe the place in words.') },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 })
}

// The map: the pin is dragged, or set by a tap, or moved under the cross with the arrow keys and set by the button.
let pin
export const map = async button => {
  const box = $('#map'), given = box.dataset
  button.disabled = true
  try {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: given.css }))
    await import(given.js)
  } catch {
    button.disabled = false
    out.textContent = say('Không mở được bản đồ. Hãy nhập địa điểm bằng chữ.', 'The map does not open. Please describe the place in words.')
    return
  }
  const L = globalThis.L, [south, north, west, east] = out.dataset.bounds.split(',').map(Number), bounds = [[south, west], [north, east]]
  box.hidden = false
  const view = L.map(box, { maxBounds: bounds, maxBoundsViscosity: 1, minZoom: 9, maxZoom: +given.zoom })
  view.attributionControl.setPrefix(false)
  L.tileLayer(given.tiles, { attribution: given.attribution, bounds, minZoom: 9, maxZoom: +given.zoom }).addTo(view)
  const start = field('lat').value ? [+field('lat').value, +field('lng').value] : [(south + north) / 2, (west + east) / 2]
  view.setView(start, field('lat').value ? Math.min(16, +given.zoom) : 10)
  const set = at => {
    pin ??= L.marker(at, { draggable: true, keyboard: false, icon: L.divIcon({ className: 'map-pin', iconSize: [28, 28], iconAnchor: [14, 28] }) })
      .on('dragend', () => set(pin.getLatLng())).addTo(view)
    put(at.lat, at.lng)
  }
  if (field('lat').value) set(L.latLng(start))
  view.on('click', e => set(e.latlng))
  $('#map-set').hidden = $('#map-how').hidden = false
  $('#map-set').onclick = () => set(view.getCenter())
  button.hidden = true
  box.focus()
}
