"""A learner's moves in lesson 10, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = next(lesson for lesson in lessons() if lesson.number == 10)
FROM_THE_START = """@exercise
def read_tensor(data, name):
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    dtypes = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    flat = torch.frombuffer(bytearray(data[begin:end]), dtype=dtypes[entry["dtype"]])
    return flat.reshape(entry["shape"])"""
NO_TRANSPOSE = """@exercise
def llama_queries_keys(weights, ids, n_heads, n_kv_heads, base):
    layer, E = "model.layers.0.", weights["model.embed_tokens.weight"]
    x = F.rms_norm(E[ids], E.shape[1:], weights[layer + "input_layernorm.weight"], 1e-5)
    q = (x @ weights[layer + "self_attn.q_proj.weight"].T).view(n_heads, len(ids), -1)
    k = (x @ weights[layer + "self_attn.k_proj.weight"].T).view(n_kv_heads, len(ids), -1)
    places = torch.arange(len(ids))
    return rotate(q, places, base), rotate(k, places, base)"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("read_tensor", "from the start of the file", FROM_THE_START, "lesson-10-from-the-start")
    lab.mistake("llama_queries_keys", "viewed without a transpose", NO_TRANSPOSE, "lesson-10-no-transpose")

    lab.finish(LESSON, "You passed the core of this lesson")
    for place in ("file_map", "choices", "paired"):
        lab.see(f"show(*figures.{place}", f"lesson-10-{place}")
    sheet = lab.cell("show_sheet()").locator(".sheet")
    expect(sheet.locator("section")).to_have_count(11)
    sheet.scroll_into_view_if_needed()
    lab.screenshot("lesson-10-sheet")


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("two_sentences()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("GPT-2, as they enter"))
    lab.screenshot("lesson-10-explorer")
    cell.locator(".noUi-handle").nth(1).focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("GPT-2, after block 2"))
    text = cell.locator("input[type=text]").first
    text.fill("Each token has a row")
    text.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile(r"Equal tokens: _row at \d and at 1"))
    lab.screenshot("lesson-10-explorer-after-block-2")
