/** Runs in the page: each visible drawing, what it holds, and what of it sticks out of it. */
(() => {
  const visible = [...document.querySelectorAll('.chart svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
  return visible.map((svg) => {
    const box = svg.getBoundingClientRect();
    const parts = [...svg.querySelectorAll('path, polygon, polyline, circle, text')].filter(
      (part) => part.closest('defs') === null,
    );
    const sticksOut = parts.filter((part) => {
      const clip = part.closest('[clip-path]');
      const at = part.getBoundingClientRect();
      return (
        clip === null &&
        (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 || at.bottom > box.bottom + 1)
      );
    });
    return {
      label: svg.getAttribute('aria-label'),
      width: box.width,
      shapes: parts.length,
      lines: parts.filter(
        (part) => part.getAttribute('stroke')?.startsWith('var(--') === true && part.getBoundingClientRect().width > 0,
      ).length,
      outside: sticksOut.map((part) =>
        `${part.tagName} ${part.textContent} ${part.getAttribute('d') ?? ''}`.slice(0, 80),
      ),
    };
  });
})();
