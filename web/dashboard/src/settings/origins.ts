/** An origin as it is stored, from what somebody typed or pasted; or what is wrong with it. */
export function readOrigin(text: string): { origin: string } | { fault: string } {
  const typed = text.trim();
  if (typed === '') return { fault: 'Enter the address of your site, like https://shop.example.' };
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`);
  } catch {
    return { fault: `${typed} is no address of a site. Write it like https://shop.example.` };
  }
  if (url.username || url.password) return { fault: 'Leave out the user name and password.' };
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !loopback) return { fault: 'Use https: the widget may stand on an http page only on this machine (localhost).' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { fault: 'Use an address that begins with https://.' };
  if (url.hostname.includes('*')) return { fault: 'Name each site in full: there are no wildcards.' };
  return { origin: url.origin };
}
