"""Customers with nasty texts go through cs-mailgen as JSON lines and as mbox;
the two must say the same, and each message must obey the rules. TAP.

    mime.py SEED CUSTOMERS          in an empty directory
"""
import base64
import csv
import email
import email.header
import email.policy
import email.utils
import json
import quopri
import random
import re
import subprocess
import sys

seed, customers = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
PIECES = [
    '山田 太郎', '髙橋', '株式会社', '㈱①', '～〜', 'ｶﾅ', '👨‍👩‍👧‍👦', '🇯🇵',
    'e\u0301', 'e' + 30 * '\u0301', 'か\u3099', '𠮷野家', 'עברית', 'مرحبا', '\u200f', ' ', '  ',
    '\u3000', '"', '\\', ',', '<', '>', '(', ')', '@', ';', ':', '.', '=?',
    '?=', '=?UTF-8?B?44GC?=', 'From ', '>From ', '.', '=', '=20', '--',
    '--=_', 'Taro', 'O\'Brien', 'a' * 61, 'b' * 80, '&', '%s', '{{x}}', '}}',
    'ÿ', 'ß', '-', '_', '#', 'http://example.jp/?a=1&b=2', '+',
]
LINE_PIECES = PIECES + ['\n', '\n\n', '\nFrom ', '\n.\n', ' \n', '\t\n',
                        '\r\n', 'x' * 76, 'y' * 77, 'z' * 999, '\n-- \n',
                        'plain words in a row ', '\n--=_']
ASCII_PIECES = [p for p in LINE_PIECES if p.isascii() and len(p) < 70]
EVIL = ['\nBcc: x@example.jp', '\r', '\t', '\x0b', '\x7f', '\u0085', '\u2028']


def text(pieces, most):
    return ''.join(rng.choice(pieces) for _ in range(rng.randrange(most)))


def one_line():
    kind = rng.randrange(20)
    if kind == 0:
        return ''
    if kind == 1:
        return rng.choice(['あ', 'a', '"', '山', '👨‍👩‍👧‍👦']) * 300
    s = text(PIECES, 12)
    if kind == 2:
        at = rng.randrange(len(s) + 1)
        s = s[:at] + rng.choice(EVIL) + s[at:]
    return s


def body():
    s = text(rng.choice([LINE_PIECES, LINE_PIECES, ASCII_PIECES]), 30)
    if rng.randrange(20) == 0:
        s += rng.choice(['\r', '\x0b', '\x1b[0m', '\x7f'])
    return s


def is_blank(s):
    return s.strip() == ''


def lines(s):
    """What a body becomes: LF, and one at the end."""
    s = s.replace('\r\n', '\n')
    return s if s.endswith('\n') else s + '\n'


HEADER_CONTROL = re.compile('[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]')
BODY_CONTROL = re.compile('[\x00-\x08\x0b-\x1f\x7f]')


def html_escape(s):
    for a, b in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'),
                 ('"', '&quot;'), ("'", '&#39;')):
        s = s.replace(a, b)
    return s


def expected(row):
    """The reason that keeps the mail back, or None."""
    if is_blank(row['subject']) or is_blank(row['body']):
        return 'missing_field'
    if HEADER_CONTROL.search(row['name'] + row['subject']):
        return 'header_injection'
    if BODY_CONTROL.search(row['body'].replace('\r\n', '\n')):
        return 'control_byte'
    return None


def make():
    rows = []
    for i in range(customers):
        rows.append({
            'id': f'c{i}',
            'email': rng.choice([f'u{i}@example.jp', f'"u {i}"@example.jp',
                                 f'u{i}+tag@sub.example.co.jp']),
            'name': one_line(), 'subject': one_line(), 'body': body(),
            'kind': rng.choice(['text', 'both', 'promo'])})
    with open('in.csv', 'w', encoding='utf-8', newline='') as f:
        w = csv.DictWriter(f, rows[0].keys(), lineterminator='\n')
        w.writeheader()
        w.writerows(rows)
    with open('mails.rules', 'w', encoding='utf-8') as f:
        for kind, cls in (('text', 'service'), ('both', 'operational'),
                          ('promo', 'promo')):
            f.write(f'Mail: {kind}\nClass: {cls}\n'
                    f'When: .kind == "{kind}"\nTemplate: {kind}\n\n')
    for kind in ('text', 'both', 'promo'):
        with open(f'{kind}.txt', 'w', encoding='utf-8') as f:
            f.write('Subject: {{subject}}\nX-Shop: {{subject}}\n'
                    '---\n{{body}}\n')
    for kind in ('both', 'promo'):
        with open(f'{kind}.html', 'w', encoding='utf-8') as f:
            f.write('{{body}}')
    with open('key', 'w', encoding='utf-8') as f:
        f.write('0123456789abcdef0123456789abcdef\n')
    subprocess.run(['chmod', '600', 'key'], check=True)
    return rows


def run(form):
    p = subprocess.run(
        ['cs-mailgen', '-q', '-r', 'mails.rules', '-t', '.', '-o', form,
         '--as-of=2026-04-01T09:30:00+09:00', '--consent=none',
         '--sender=店舗, サポート <support@shop.example>',
         '--unsub-url=https://shop.example/u?id={{id}}&mail={{mail}}',
         '--key-file=key', 'in.csv'],
        capture_output=True, check=False)
    if p.returncode not in (0, 1) or p.stderr:
        print('Bail out! cs-mailgen:', p.returncode, p.stderr.decode())
        sys.exit(1)
    return p.stdout


class Test:
    def __init__(self):
        self.n, self.bad = 0, 0

    def ok(self, faults, what):
        self.n += 1
        print('not ok' if faults else 'ok', self.n, '-', what)
        for f in faults[:10]:
            print('#', ascii(f)[:300])
        self.bad += bool(faults)


def split_mbox(data):
    """Messages without their From lines and without the blank line that
    parts them."""
    parts = re.split(rb'(?:\A|(?<=\n\n))From \S+ \w{3} \w{3} [ \d]\d '
                     rb'\d\d:\d\d:\d\d \d{4}\n', data)
    return [p[:-1] for p in parts[1:]]


def decode(raw):
    """A header's text, by RFC 2047: the classic decoder."""
    return str(email.header.make_header(email.header.decode_header(raw)))


def unfolded(head, name):
    m = re.findall(rb'^' + name + rb':((?:.*\n)(?:[ \t].*\n)*)', head,
                   re.I | re.M)
    return [v.decode('ascii').replace('\n', '').lstrip(' ') for v in m]


def check_head(head, rec, say):
    for name in (b'From', b'To', b'Subject', b'Date', b'Message-ID',
                 b'MIME-Version', b'Content-Type'):
        if len(unfolded(head, name)) != 1:
            say('R01', f'{name} stands {len(unfolded(head, name))} times')
    if re.search(rb'[^\n\x20-\x7e]', head):
        say('R04', 'a byte that no header may hold')
    for line in head.split(b'\n'):
        long = line.startswith((b'List-Unsubscribe:', b'Message-ID:'))
        if len(line) > 998 or (len(line) > 78 and not long):
            say('R02', line)
        if line != b'' and line.strip() == b'':
            say('R02', 'a line of blanks')
        for word in re.findall(rb'=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=', line):
            if len(word) > 75 or len(line) > 76:
                say('R05', line)
            try:
                if decode(word.decode()) == '':
                    say('R05', 'an empty word')
            except (UnicodeDecodeError, LookupError):
                say('R05', b'a character is cut: ' + word)
    for quoted in re.findall(rb'"(?:[^"\\]|\\.)*"', head):
        if re.search(rb'=\?UTF-8\?', quoted, re.I):
            say('R05', b'a word in quotes: ' + quoted)
    mid = unfolded(head, b'Message-ID')[0]
    if not re.fullmatch(r'<[a-z2-7]{32}@shop\.example>', mid):
        say('R03', mid)
    if mid != f"<{rec['message_id']}>":
        say('R03', 'not the id of the record')
    date = email.utils.parsedate_to_datetime(unfolded(head, b'Date')[0])
    if date.isoformat() != rec['date'] or \
            rec['date'] != '2026-04-01T09:30:00+09:00':
        say('R01', 'Date')
    urls = unfolded(head, b'List-Unsubscribe')
    if rec['class'] == 'operational':
        if urls:
            say('R10', 'an operational mail with List-Unsubscribe')
    elif len(urls) != 1 or not urls[0].startswith('<https://') or \
            urls[0] != rec['headers']['List-Unsubscribe'] or \
            unfolded(head, b'List-Unsubscribe-Post') != \
            ['List-Unsubscribe=One-Click'] or \
            not re.search(rb'^List-Unsubscribe: <https:[!-~]+>$', head, re.M):
        say('R10/R12', urls)


def check_names(head, rec, row, say):
    subject = unfolded(head, b'Subject')[0]
    if decode(subject) != rec['subject'] or rec['subject'] != row['subject']:
        say('Subject', (subject, rec['subject']))
    if decode(unfolded(head, b'X-Shop')[0]) != row['subject']:
        say('X-Shop', unfolded(head, b'X-Shop'))
    to = unfolded(head, b'To')[0]
    name, addr = to, None
    m = re.fullmatch(r'(?:(.*) )?<([^<>]*)>', to)
    if m:
        name, addr = m.group(1), m.group(2)
    else:
        name, addr = '', to
    if addr != row['email'] or rec['to']['email'] != addr:
        say('R08', to)
    if name.startswith('"'):
        name = re.sub(r'\\(.)', r'\1', name[1:-1])
    else:
        if re.search(r'[()<>\[\]:;@\\,."]', re.sub(r'=\?\S*\?=', '', name)):
            say('To', 'a special outside quotes: ' + to)
        name = decode(name)
    want = '' if is_blank(row['name']) else row['name']
    if name != want or (rec['to']['name'] or '') != want:
        say('To', (to, row['name']))


def check_part(part, want, raw, say):
    cte = part['Content-Transfer-Encoding']
    if part.get_content_charset() != 'utf-8':
        say('R06', 'charset')
    got = part.get_payload(decode=True).decode('utf-8')
    if got != want:
        say('R07', (cte, got[:80], want[:80]))
    if cte == 'base64' and any(len(x) > 76 for x in raw.split('\n')):
        say('R06', 'a long base64 line')
    if cte == 'quoted-printable' and any(
            len(x) > 76 or x[-1:] in (' ', '\t') for x in raw.split('\n')):
        say('R06', 'a long or blank-ended line in quoted-printable')
    if cte == '7bit' and (not raw.isascii() or any(
            len(x) > 76 or x[-1:] in (' ', '\t') or x[:1] == '.'
            for x in raw.split('\n'))):
        say('R06', 'not 7bit, or a line that needs an encoding')
    size = {'7bit': 0, 'base64': len(base64.encodebytes(want.encode())) - 1,
            'quoted-printable': len(quopri.encodestring(want.encode()))}
    if cte != '7bit' and min(size['base64'], size['quoted-printable']) + 200 \
            < size[cte]:
        say('R06', f'{cte} is not the smallest: {size}')


def check_body(raw, rec, row, say):
    msg = email.message_from_bytes(raw, policy=email.policy.default)
    for part in msg.walk():
        if part.defects:
            say('R06', part.defects)
    if msg['MIME-Version'] != '1.0':
        say('R06', 'MIME-Version')
    for name in ('From', 'To', 'Date', 'Subject', 'Message-ID'):
        if msg[name].defects:
            say('R01', (name, msg[name].defects))
    if len(msg['From'].addresses) != 1 or \
            msg['From'].addresses[0].addr_spec != 'support@shop.example':
        say('R01', 'From')
    text_want = lines(row['body'] + '\n')
    html_want = lines(html_escape(row['body'].replace('\r\n', '\n')))
    if rec['text'] != text_want:
        say('record', (rec['text'][:80], text_want[:80]))
    parts = list(msg.iter_parts()) if msg.is_multipart() else [msg]
    kinds = [p.get_content_type() for p in parts]
    if row['kind'] == 'text':
        if kinds != ['text/plain'] or rec['html'] is not None:
            say('R06', kinds)
        raws = [raw.split(b'\n\n', 1)[1].decode()]
    else:
        if msg.get_content_type() != 'multipart/alternative' or \
                kinds != ['text/plain', 'text/html']:
            say('R06', kinds)
        if rec['html'] != html_want:
            say('record', (rec['html'][:80], html_want[:80]))
        boundary = msg.get_boundary()
        pieces = raw.decode().split('\n--' + boundary)
        if len(pieces) != 4 or pieces[3] != '--\n':
            say('R06', 'closing boundary')
        raws = [p.split('\n\n', 1)[1] for p in pieces[1:3]]
    for part, want, r in zip(parts, [rec['text'], rec['html']], raws):
        check_part(part, want, r, say)


def main():
    t = Test()
    rows = make()
    by_id = {r['id']: r for r in rows}
    records = [json.loads(x) for x in run('jsonl').decode().split('\n')[:-1]]
    messages = split_mbox(run('mbox'))
    decisions = list(csv.DictReader(
        run('decisions').decode().split('\n')[:-1]))
    faults = []

    print(f'# seed {seed}, {customers} customers, {len(records)} mails')
    want = [r['id'] for r in rows if expected(r) is None]
    t.ok([] if [r['id'] for r in records] == want else
         sorted(set(want) ^ {r['id'] for r in records}),
         'mails for those whose texts may be written, in their order')
    t.ok([] if len(messages) == len(records) else
         [f'{len(messages)} in the mbox, {len(records)} records'],
         'as many messages in the mbox')
    got = {d['id']: d['reason'] for d in decisions
           if d['gate'] == 'render'}
    t.ok([(i, got.get(i), expected(by_id[i])) for i in by_id
          if got.get(i) != expected(by_id[i])],
         'a reason for each that was not')
    t.ok([] if len(decisions) == 3 * len(rows) else [len(decisions)],
         'a decision for each customer and mail')
    ids = [r['message_id'] for r in records]
    t.ok([] if len(set(ids)) == len(ids) else ['twice'],
         'R03 each Message-ID is its own')
    for rec, raw in zip(records, messages):
        row = by_id[rec['id']]
        head = raw.split(b'\n\n', 1)[0] + b'\n'

        def say(rule, what):
            faults.append((rule, rec['id'], what))

        check_head(head, rec, say)
        check_names(head, rec, row, say)
        check_body(raw, rec, row, say)
        if re.search(rb'^From ', raw, re.M) or b'\r' in raw:
            say('mbox', 'From at a line start, or CR')
    for rule in ('R01', 'R02', 'R03', 'R04', 'R05', 'R06', 'R07', 'R08',
                 'R10/R12', 'Subject', 'X-Shop', 'To', 'record', 'mbox'):
        t.ok([f for f in faults if f[0] == rule], f'{rule} holds')
    print(f'1..{t.n}')
    return t.bad != 0


sys.exit(main())
