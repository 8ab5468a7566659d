// What somebody chose on this device: the view, hidden calendars, whether the side is open.
const name = (key) => `calendar.${key}`;

export function remembered(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name(key))) ?? otherwise;
  } catch {
    return otherwise; // a browser may forbid storage, or hold something we did not write
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(name(key), JSON.stringify(value));
  } catch {
    // without storage the choice lasts as long as the page
  }
}
