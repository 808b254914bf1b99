// What is wrong with the page in front of us that can be measured: {fault: where}. Numbers: WCAG 2.2 and our own rules.
(rules) => {
  const found = {};
  const tell = (fault, element, more = '') => {
    const name = element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') + [...element.classList].map((one) => '.' + one).join('');
    (found[fault] ||= []).push(`${name} ${(element.textContent || element.name || '').trim().slice(0, 40)} ${more}`.trim());
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.vh, .hp, .skip, [aria-hidden=true]');
  const root = document.documentElement;

  if (root.scrollWidth > innerWidth) {
    for (const one of document.querySelectorAll('body *')) if (one.getBoundingClientRect().right > innerWidth + 1 && isSeen(one)) tell('scrolls sideways', one);
    found['scrolls sideways'] ||= [root.scrollWidth];
  }
  const heads = [...document.querySelectorAll('h1')].filter(isSeen);
  if (heads.length !== 1) found['one h1'] = heads.map((one) => one.textContent);

  // What is pressed. A box and its words are one target; a link within a sentence may be as high as its line.
  for (const one of document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')) {
    if (!isSeen(one)) continue;
    const target = one.matches('[type=radio], [type=checkbox], [type=file]') && one.closest('label') ? one.closest('label') : one;
    const isInSentence = getComputedStyle(target).display === 'inline' && [...target.parentElement.childNodes].some((node) => node !== target && node.textContent.trim());
    const { width, height } = target.getBoundingClientRect();
    const least = rules.isPhone && target.matches('.btn:not(.sm), .in, .pick, .agree, select, textarea') ? rules.row : rules.target;
    if (!isInSentence && (height < least - 0.5 || width < Math.min(least, rules.target) - 0.5)) tell('small target', target, `${Math.round(width)}×${Math.round(height)}`);
  }

  // Letters with two marks need room: a line that is cut off must be high, and nothing is set in capitals by us.
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement, words = node.textContent.trim();
    if (!words || element.closest('script, style, svg') || !isSeen(element)) continue;
    if (!element.closest('.plain-text, .sl dd, textarea')) texts.push([words, element.closest('[lang]').lang]); // words of the reader's own
    const style = getComputedStyle(element), high = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
    const cut = element.closest('.said, .hash') ? null : style.overflowY !== 'visible' && style.display !== 'inline';
    if (cut && high < rules.cutLine) tell('letters cut off', element, high.toFixed(2));
    if (element.matches('h1, h2, h3') && high < rules.headLine) tell('letters cut off', element, high.toFixed(2));
    if (style.textTransform === 'uppercase') tell('capitals by style', element);
  }
  return [found, texts];
};
