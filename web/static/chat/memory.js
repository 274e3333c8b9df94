/* What the browser remembers between loads; where storage is blocked, only as long as the page lives. */

const here = new Map();

export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(`atbilde.${key}`)) ?? here.get(key) ?? null;
  } catch {
    return here.get(key) ?? null;
  }
}

export function remember(key, value) {
  here.set(key, value);
  try {
    if (value === null) localStorage.removeItem(`atbilde.${key}`);
    else localStorage.setItem(`atbilde.${key}`, JSON.stringify(value));
  } catch {
    // kept in `here`
  }
}
