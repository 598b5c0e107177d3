import Basis
import Foundation

/// The page's one script: sorts and filters the runs. Without it the page says the same.
enum HTMLScript {
    /// What the page's policy lets run: this text and no other.
    static let policy = "'sha256-\(Data(SHA256.digest(Array(text.utf8))).base64EncodedString())'"

    static let text = """
        (() => {
          const filter = document.getElementById('filter');
          if (!filter) return;
          const body = document.querySelector('#runs tbody'), rows = [...body.rows];
          const heads = [...document.querySelectorAll('#runs thead th')];
          const words = filter.querySelector('input'), choices = [...filter.querySelectorAll('select')];
          const every = selector => document.querySelectorAll(selector);

          const show = () => {
            const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
            const runs = new Set(), groups = new Set();
            for (const row of rows) {
              const fits = wanted.every(word => row.dataset.text.includes(word))
                && choices.every(choice => !choice.value || row.cells[choice.dataset.column].textContent === choice.value);
              row.hidden = !fits;
              if (fits) { runs.add(row.dataset.run); groups.add(row.dataset.group); }
            }
            for (const part of every('figure[data-run]')) part.hidden = !runs.has(part.dataset.run);
            for (const part of every('[data-tag]')) part.style.display = groups.has(part.dataset.tag) ? '' : 'none';
            filter.querySelector('output').value = `${runs.size} of ${rows.length} shown`;
          };

          const sort = (head, column) => {
            const sign = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
            for (const other of heads) other.removeAttribute('aria-sort');
            head.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
            const number = row => parseFloat(row.cells[column].dataset.value);
            const text = row => row.cells[column].textContent;
            const isFigure = rows.some(row => !isNaN(number(row)));
            rows.sort((one, other) => {
              if (!isFigure) return sign * text(one).localeCompare(text(other), undefined, {numeric: true});
              const [a, b] = [number(one), number(other)];
              return isNaN(a) || isNaN(b) ? isNaN(a) - isNaN(b) : sign * (a - b);
            });
            body.append(...rows);
          };

          heads.forEach((head, column) => {
            const button = document.createElement('button');
            button.type = 'button';
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener('click', () => sort(head, column));
          });
          for (const control of [words, ...choices]) control.addEventListener('input', show);
          filter.hidden = false;
          show();
        })();
        """
}
