// The comparison of runs that are trained, asked for again and again.

const part = () => document.getElementById('comparison');

async function refresh() {
  if (!document.hidden) {
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (response.ok) {
        const page = new DOMParser().parseFromString(await response.text(), 'text/html');
        const next = page.getElementById('comparison');
        if (next && next.outerHTML !== part().outerHTML) part().replaceWith(document.adoptNode(next));
      }
    } catch { /* The studio may be back in a while. */ }
  }
  const pace = Number(part().dataset.pace);
  if (pace > 0) setTimeout(refresh, pace * 1000);
}

const pace = Number(part()?.dataset.pace);
if (pace > 0) setTimeout(refresh, pace * 1000);
