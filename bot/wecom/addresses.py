"""Where people sign in: the page inside the client, and the QR code on a desktop, by edition.

Private deployments have hosts of their own for both, apart from the API's. What is built here carries no
secret; `state` must be bound to the browser that asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

_OAUTH = "https://open.weixin.qq.com/connect/oauth2/authorize"
_QR = {
    "public": "https://login.work.weixin.qq.com/wwlogin/sso/login",
    "yuezhengyi": "https://zwwx.gdzwfw.gov.cn/wwopen/sso/qrConnect",
}
_OLD_QR = "/qrConnect"  # the older page takes no login_type


@dataclass(frozen=True, slots=True)
class SignIn:
    """`qr` is empty where nobody has told us the address of a private deployment's page."""

    oauth: str
    qr: str

    @staticmethod
    def of(edition: str, *, oauth: str = "", qr: str = "") -> SignIn:
        """The edition's usual addresses, unless the operator gave others."""
        return SignIn(oauth or _OAUTH, qr or _QR.get(edition, ""))

    def inside(self, corp_id: str, agent_id: int, back: str, state: str) -> str:
        """For a link opened in the client itself: it comes back to `back` with a code and the state."""
        query = {
            "appid": corp_id,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": agent_id,
        }
        return f"{self.oauth}?{urlencode(query)}#wechat_redirect"

    def desktop(self, corp_id: str, agent_id: int, back: str, state: str) -> str:
        """For a browser elsewhere: a page with a QR code; empty where there is none."""
        if not self.qr:
            return ""
        query = {"appid": corp_id, "agentid": agent_id, "redirect_uri": back, "state": state}
        if not self.qr.endswith(_OLD_QR):
            query = {"login_type": "CorpApp", **query, "lang": "zh"}
        return f"{self.qr}?{urlencode(query)}"
