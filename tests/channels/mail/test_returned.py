"""What a bounce or complaint says of the mail of ours that it is about."""

import json

import pytest

from channels.mail.mail import MailKind, Returned
from channels.mail.read import read_strictly

OURS = (
    "Message-ID: <t12-abc@atbilde.example>\nFrom: atbilde@portals.example\nTo: juris@dome.example\nSubject: Jautājums\n"
)


def _returned(raw: str) -> Returned:
    mail = read_strictly(raw.encode())
    assert mail.kind in (MailKind.BOUNCE, MailKind.COMPLAINT)
    assert mail.returned
    return mail.returned


def _report(status: str, copy: str = f"Content-Type: message/rfc822\n\n{OURS}\nTeksts") -> str:
    head = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
    head += "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    parts = ["Content-Type: text/plain\n\nSorry.", f"Content-Type: message/delivery-status\n\n{status}", copy]
    return head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"


def _status(action: str, status: str, more: str = "") -> str:
    fields = f"Final-Recipient: rfc822; juris@dome.example\nAction: {action}\nStatus: {status}\n{more}"
    return f"Reporting-MTA: dns; mx.example\n\n{fields}"


def test_a_report_by_rfc_3464_is_read_whole() -> None:
    more = (
        "Original-Recipient: rfc822;pasts@dome.example\nDiagnostic-Code: smtp; 550 5.1.1 User unknown;\n  see the page"
    )
    assert _returned(_report(_status("failed", "5.1.1", more))) == Returned(
        "t12-abc@atbilde.example",
        ("pasts@dome.example", "juris@dome.example"),
        True,
        "550 5.1.1 User unknown; see the page",
    )


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [("failed", "5.2.2", True), ("delayed", "4.4.7", False), ("failed", "4.4.7", True), ("delayed", "5.0.0", False)],
)
def test_what_the_server_has_done_says_whether_it_is_for_good(action: str, status: str, permanent: bool) -> None:
    assert _returned(_report(_status(action, status))).permanent is permanent


def test_only_those_that_it_did_not_reach_are_named() -> None:
    two = (
        _status("failed", "5.1.1") + "\n\nFinal-Recipient: rfc822; anna@dome.example\nAction: delivered\nStatus: 2.0.0"
    )
    assert _returned(_report(two)).recipients == ("juris@dome.example",)


def test_a_report_that_everything_arrived_is_no_bounce_and_no_answer() -> None:
    mail = read_strictly(_report(_status("delivered", "2.0.0")).encode())
    assert (mail.kind, mail.absent, mail.returned) == (MailKind.AUTO_REPLY, False, None)


@pytest.mark.parametrize(
    "copy",
    [
        f"Content-Type: text/rfc822-headers\n\n{OURS}",
        f"Content-Type: message/rfc822\n\n{OURS}\nTeksts",
        "Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@other.example\nMessage-ID: <other@other.example>\n"
        f"Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: message/rfc822\n\n{OURS}\nTeksts\n--c--",
        f'Content-Type: text/plain; name="headers.txt"\nContent-Disposition: attachment\n\n{OURS}',
    ],
)
def test_our_mail_is_found_however_it_is_enclosed(copy: str) -> None:
    assert _returned(_report(_status("failed", "5.1.1"), copy)).message_id == "t12-abc@atbilde.example"


def _plain(subject: str, text: str, head: str = "") -> str:
    return f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: {subject}\n{head}\n{text}\n"


@pytest.mark.parametrize(
    ("raw", "permanent", "reason"),
    [
        pytest.param(
            _plain(
                "failure notice",
                "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver it.\n\n"
                "<juris@dome.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
                f"--- Below this line is a copy of the message.\n\n{OURS}",
            ),
            True,
            "Sorry, no mailbox here by that name. (#5.1.1)",
            id="qmail",
        ),
        pytest.param(
            _plain(
                "Warning: message 1ab-2 delayed 24 hours",
                "A message that you sent has not yet been delivered to one or more of its recipients.\n\n"
                f"  juris@dome.example\n    host mx.dome.example: 451 4.7.1 Greylisted\n\n--- message headers\n{OURS}",
            ),
            False,
            "host mx.dome.example: 451 4.7.1 Greylisted",
            id="Exim, late",
        ),
        pytest.param(
            _plain(
                "Undeliverable: Jautājums",
                "Delivery has failed to these recipients or groups:\n\njuris@dome.example\n"
                "The email address you entered couldn't be found.\n\nDiagnostic information for administrators:\n\n"
                f"Remote Server returned '550 5.1.10 RecipientNotFound'\n\nOriginal message headers:\n\n{OURS}",
            ),
            True,
            "Remote Server returned '550 5.1.10 RecipientNotFound'",
            id="Exchange",
        ),
        pytest.param(
            _plain(
                "Сообщение не доставлено",
                f"Письмо не может быть доставлено.\n\njuris@dome.example\n    mailbox is full\n\n> {OURS}",
            ),
            True,
            "mailbox is full",
            id="quoted",
        ),
        pytest.param(
            _plain("Delivery failure", f"550 5.7.1 Blocked\n\n{OURS}", "X-Failed-Recipients: juris@dome.example\n"),
            True,
            "550 5.7.1 Blocked",
            id="in a header",
        ),
    ],
)
def test_the_informal_kinds_are_read_as_well(raw: str, permanent: bool, reason: str) -> None:
    assert _returned(raw) == Returned("t12-abc@atbilde.example", ("juris@dome.example",), permanent, reason)


def test_a_notice_in_json_is_read_also_when_it_is_wrapped_in_another() -> None:
    notice = {
        "notificationType": "Bounce",
        "bounce": {"bouncedRecipients": [{"emailAddress": "juris@dome.example", "diagnosticCode": "smtp; 550 no"}]},
        "mail": {"headers": [{"name": "Message-ID", "value": "<t12-abc@atbilde.example>"}]},
    }
    for text in (json.dumps(notice), json.dumps({"Type": "Notification", "Message": json.dumps(notice)})):
        raw = f"From: no-reply@sns.example\nSubject: Notification\n\n{text}\n"
        assert _returned(raw) == Returned("t12-abc@atbilde.example", ("juris@dome.example",), True, "smtp; 550 no")


def test_where_the_report_holds_no_copy_the_mail_that_it_answers_is_ours() -> None:
    raw = _plain("Delivery failure", "User unknown: juris@dome.example", "In-Reply-To: <t12-abc@atbilde.example>\n")
    assert _returned(raw).message_id == "t12-abc@atbilde.example"


def test_a_feedback_report_says_who_complained_of_what() -> None:
    raw = "From: fbl@isp.example\nSubject: FW: Atbilde\nMIME-Version: 1.0\n"
    raw += (
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nThis is an abuse report.\n"
    )
    raw += "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n"
    raw += f"Original-Rcpt-To: <anna@isp.example>\n\n--b\nContent-Type: message/rfc822\n\n{OURS}\nTeksts\n--b--\n"
    returned = _returned(raw)
    assert (returned.message_id, returned.reason) == ("t12-abc@atbilde.example", "abuse")
    assert returned.recipients[0] == "anna@isp.example"


def test_a_feedback_report_that_is_plain_text_is_a_complaint_all_the_same() -> None:
    raw = "Return-Path: <>\nFrom: fbl@isp.example\nSubject: Abuse\n\nFeedback-Type: abuse\nUser-Agent: X/1\n"
    raw += f"Source-IP: 192.0.2.1\nOriginal-Rcpt-To: anna@isp.example\n\n{OURS}"
    assert _returned(raw).message_id == "t12-abc@atbilde.example"
