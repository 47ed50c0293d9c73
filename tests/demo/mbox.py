"""Reads the demo's mbox as a mail program would.

    mbox.py OUTBOX.mbox

prints how many mails it holds; complains about defects, subjects wider than
60 columns and texts without what the law wants in them (stderr, exit 1).
"""
import email
import email.policy
import mailbox
import sys
import unicodedata


def width(s):
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in s)


def faults(mail):
    subject = mail["Subject"]
    if width(subject) > 60:
        yield f"subject of {width(subject)} columns: {subject}"
    if "\ufffd" in subject or "{{" in subject:
        yield f"subject: {subject}"
    for part in mail.walk():
        yield from map(repr, part.defects)
        if part.get_content_maintype() != "text":
            continue
        text = part.get_content()
        # Sender, address, contact, how to stop, and that link.
        for want in ("みせづくり株式会社", "所在地", "お問い合わせ・苦情の受付",
                     "停止できます", "https://misezukuri.example.jp/stop?t="):
            if want not in text:
                yield f"{subject}: {part.get_content_type()} lacks {want}"
        if "{{" in text or "\ufffd" in text:
            yield f"{subject}: a hole is left"
    if mail.get_body(("plain",)) is None:
        yield f"{subject}: no text"


def main():
    box = mailbox.mbox(sys.argv[1], factory=lambda f:
                       email.message_from_binary_file(
                           f, policy=email.policy.default), create=False)
    found = [fault for mail in box for fault in faults(mail)]
    print(len(box))
    for fault in found:
        print(fault, file=sys.stderr)
    return bool(found)


sys.exit(main())
