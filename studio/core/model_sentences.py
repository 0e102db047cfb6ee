"""What the model host and the drawing server's wire say, in the reader's language: codes and their sentences."""

from django.utils.translation import gettext_noop

_ = gettext_noop
SENTENCES: dict[str, tuple[str, ...]] = {
    # a model's folder
    "model_missing": (
        _("There is no model folder %(name)s here. Copy the model into the models folder of the data folder."),
    ),
    "model_no_weights": (
        _("%(name)s holds no weights in safetensors form. Download the safetensors version of the model."),
    ),
    "model_moving": (
        _("%(name)s changed while it was read. Wait until the copy is finished, then try again."),
        _("%(name)s was changed while it was loaded. Verify the model, then draw again."),
    ),
    "model_changed": (
        _(
            "The model %(name)s is not the one that was approved (%(what)s). "
            "Put the approved files back, or have the new ones approved."
        ),
    ),
    "model_link": (
        _("%(name)s is a link or a special file. A model's folder holds plain files only: copy the file itself."),
    ),
    "model_code": (
        _("%(name)s is program code. Models here are data only: remove it, or use a model that needs no such code."),
    ),
    "model_pickle": (
        _(
            "%(name)s is not in safetensors form, and such files can run code when they are loaded. "
            "Remove it, or take the safetensors version of the model."
        ),
    ),
    "model_extra": (_("%(name)s is of no kind that a model needs. Remove it from the model's folder."),),
    "model_disguised": (
        _("%(name)s holds a pickle, an archive or a program under a harmless name. Do not use this model."),
    ),
    "model_text_size": (_("%(name)s is far larger than a text of a model is. Do not use this model."),),
    "model_text": (_("%(name)s is damaged: it cannot be read as text. Download it again."),),
    "model_remote_code": (
        _("%(name)s asks for program code of the model's own (auto_map). Models that bring code are not loaded here."),
    ),
    "model_not_safetensors": (
        _("%(name)s is called safetensors and is not. Download it again; if it stays so, do not use this model."),
    ),
    "model_unknown": (_("%(name)s is a %(kind)s, which this studio does not draw with."),),
    "model_form": (
        _(
            "%(name)s is neither a pipeline (it has no model_index.json), nor a ControlNet, a LoRA, CLIP or DINO. "
            "Use the diffusers form of the model, with all its folders."
        ),
    ),
    "model_library": (
        _(
            "The part %(part)s of %(name)s wants code from “%(library)s”. "
            "Only diffusers and transformers are used here."
        ),
    ),
    "model_part": (_("The part %(part)s of %(name)s is missing. Download the whole model."),),
    "model_lacks": (_("The weights of %(name)s are not whole (%(what)s is missing). Download the model again."),),
    "model_blind": (
        _("The model %(name)s gave broken numbers for a picture. Verify it; if it stays so, do not use it."),
    ),
    "model_other_manifest": (_("The recipe names another manifest of %(name)s than the registry holds. Draw anew."),),
    "model_no_libraries": (
        _("This worker has no model libraries. Start the studio with ./run --worker, which installs them."),
    ),
    "model_failed": (
        _(
            "The model could not draw this (%(type)s: %(reason)s). Nothing was recorded; "
            "verify the model, or try other settings."
        ),
    ),
    # a draw
    "draw_setting": (_("There is no setting “%(name)s”."),),
    "draw_task": (_("%(name)s can't do “%(task)s”."),),
    "draw_number": (_("%(name)s is %(value)s; it is a whole number from %(least)s to %(most)s."),),
    "draw_text": (_("%(name)s is a text of up to %(most)s characters."),),
    "draw_scheduler": (_("There is no scheduler “%(value)s” for %(name)s; there are: %(names)s."),),
    "draw_control": (_("A control picture is a depth or a pose."),),
    "draw_loras": (
        _("LoRAs are a list of up to %(most)s, each with its name and a weight from -2000 to 2000 thousandths."),
    ),
    "draw_recipe": (_("This recipe is not one of a diffusers draw."),),
    "draw_needs_picture": (_("This way of drawing starts from a picture: choose one for “%(name)s”."),),
    "draw_no_picture": (_("%(name)s is no still picture that a model could start from. Choose a PNG or JPEG."),),
    "draw_input_gone": (_("The picture for “%(name)s” is not in the store any more."),),
    "draw_lora_unfit": (_("The LoRA %(name)s does not fit this model. Choose one made for %(model)s."),),
    "draw_memory": (
        _(
            "The model and this picture together need more memory than this device has, even piece by piece. "
            "Draw it smaller, with fewer frames, with a smaller model or in float16, or on a device with more memory."
        ),
    ),
    "draw_broken": (_("The model gave no picture but broken numbers. Draw it in another number form than %(dtype)s."),),
    "corrupt": (_("%(count)s frames of this clip are damaged. Export it again."),),
    "undeclared_workflow": (
        _("This PNG carries a ComfyUI workflow: a model made it. Send it again and declare it AI-generated."),
    ),
    # a drawing server
    "remote_unreachable": (
        _("The drawing server %(url)s does not answer (%(reason)s). Start it, or correct HUO_COMFY_URL."),
    ),
    "remote_refused": (_("The drawing server refused the work: %(reason)s. Check the workflow there."),),
    "remote_failed": (_("The drawing server could not draw this: %(reason)s. Change the settings or the workflow."),),
    "remote_file": (_("The drawing server does not give out %(name)s."),),
    "remote_lost": (_("The drawing server lost this draw. Ask for it again."),),
    "remote_nothing": (_("The workflow ended without a picture or a film. Let it end in a node that saves one."),),
}
