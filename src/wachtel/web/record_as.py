"""``/api/v1/cameras/{id}/record-as/price``: what H.264 of a camera's Motion JPEG would cost here."""

from wachtel.model.access import Permission
from wachtel.protocols.camera_url import sends_motion_jpeg
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer
from wachtel.web.cameras import no_motion_jpeg
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import Pricing


class PriceAnswer(Answer):
    """``core``: share of one processor core; measured with so many ``pictures`` sent within ``seconds``."""

    pictures: int
    seconds: float
    core: float
    sent_bytes_per_s: float
    made_bytes_per_s: float


class RecordAsRoutes:
    """Measuring changes nothing."""

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/record-as/price"
        door.route("POST", path, self.price, needs=Permission.ADMIN, on=On.CAMERA)

    async def price(self, camera: TheCamera) -> PriceAnswer:
        """Makes H.264 of two seconds of the camera's own pictures, and says what it took."""
        if not sends_motion_jpeg(camera.main_url):
            raise no_motion_jpeg()
        found = await self._pricing.price(camera.id)
        return PriceAnswer(
            pictures=found.pictures,
            seconds=found.seconds,
            core=found.core,
            sent_bytes_per_s=found.sent_bytes_per_s,
            made_bytes_per_s=found.made_bytes_per_s,
        )
