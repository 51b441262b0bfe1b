"""What the emulator makes, opened by a browser: none of the libraries that wrote it is there."""

import httpx
import pytest

PLAY = """
([kind, url]) => new Promise((done, failed) => {
  const element = document.createElement(kind);
  element.muted = true;
  element.onerror = () => failed(new Error(element.error.message));
  element.ontimeupdate = () => {
    if (element.currentTime === 0) return;
    done([element.videoWidth ?? 0, element.videoHeight ?? 0, element.duration]);
    element.pause();
  };
  document.body.append(element);
  element.src = url;
  element.play().catch(failed);
})
"""
SHOW = """
async (url) => {
  const element = new Image();
  element.src = url;
  await element.decode();
  return [element.naturalWidth, element.naturalHeight];
}
"""


@pytest.fixture
def made(emulator, http):
    """Submit and return the address of the output."""

    def made(model, **body):
        answer = http.post(f"/api/v3/{model}", json=body).json()["data"]
        emulator.advance(60)
        (url,) = http.get(answer["urls"]["get"]).json()["data"]["outputs"]
        return url

    return made


@pytest.fixture
def page(browser, emulator):
    page = browser.new_page()
    page.goto(f"{emulator.url}/")
    yield page
    page.close()


def test_video_plays(page, made):
    """An MP4 plays, and has the size and the length asked for."""
    url = made("google/veo3", prompt="x", duration=4, resolution="720p", aspect_ratio="9:16")

    assert [720, 1280, 4] == page.evaluate(PLAY, ["video", url])


def test_sound_plays(page, made):
    """A WAV plays, as long as the text takes to say."""
    url = made("minimax/speech-02-hd", text="x" * 45, voice_id="Wise_Woman")

    assert [0, 0, 3] == page.evaluate(PLAY, ["audio", url])


@pytest.mark.parametrize("output_format", ["png", "jpeg"])
def test_picture_shows(page, made, output_format):
    """A picture has the format asked for and opens."""
    images = ["https://example.com/a.png"]
    url = made("google/nano-banana/edit", prompt="x", images=images, output_format=output_format)

    assert f"image/{output_format}" == httpx.get(url).headers["content-type"]
    assert [1024, 1024] == page.evaluate(SHOW, url)


def test_outputs_open_in_a_tab(browser, made):
    """An address of an output that is opened by hand shows the picture or plays the video."""
    page = browser.new_page()
    page.goto(made("get3w/flux-dev", prompt="x"))
    width = page.evaluate("document.images[0].naturalWidth")
    page.goto(made("google/veo3", prompt="x", duration=4, resolution="720p"))
    page.wait_for_function("document.querySelector('video').readyState > 0")
    page.close()

    assert 1024 == width
