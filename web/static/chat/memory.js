/* What the browser remembers between loads; where storage is blocked, only as long as the page lives. */

const PREFIX = "atbilde.";
const here = new Map();

export function recall(key) {
  return stored()[PREFIX + key] ?? null;
}

/** All that is remembered under keys with that beginning, e.g. of other tabs too. */
export function recallAll(beginning) {
  return Object.entries(stored())
    .filter(([key]) => key.startsWith(PREFIX + beginning))
    .map(([, value]) => value);
}

export function remember(key, value) {
  here.set(PREFIX + key, value);
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // kept in `here`
  }
}

export function forget(key) {
  here.delete(PREFIX + key);
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // was only in `here`
  }
}

function stored() {
  try {
    const ours = Object.entries(localStorage).filter(([key]) => key.startsWith(PREFIX));
    return { ...Object.fromEntries(here), ...Object.fromEntries(ours.map(([key, value]) => [key, JSON.parse(value)])) };
  } catch {
    return Object.fromEntries(here);
  }
}
