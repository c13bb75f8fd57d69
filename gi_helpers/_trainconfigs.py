"""Ready settings for two common trainers, written beside a dataset: Axolotl and LLaMA-Factory. Part of `publish`."""
from . import _frontmatter

BASE = "Qwen/Qwen3.5-4B"  # the first row of data/models.csv; people change it


def configs(name, validation):
    """{path: text or dict} of the files; `validation` says whether there is a validation file. Both trainers run from the folder of the dataset."""
    return {"configs/axolotl.yml": _axolotl(validation), "configs/llamafactory.yml": _llamafactory(name, validation),
            "configs/dataset_info.json": {f"{name}-{side}": _described(side) for side in ("train", "validation") if side == "train" or validation}}


def _axolotl(validation):
    def part(side):
        return {"path": f"{side}.jsonl", "ds_type": "json", "split": "train", "type": "chat_template", "field_messages": "messages",
                "message_property_mappings": {"role": "role", "content": "content"}, "roles_to_train": ["assistant"]}

    settings = {"base_model": BASE, "datasets": [part("train")], **({"test_datasets": [part("validation")]} if validation else {}), "output_dir": "adapter",
                "adapter": "lora", "lora_r": 16, "lora_alpha": 32, "lora_target_linear": True, "load_in_8bit": False, "sequence_len": 2048, "sample_packing": False,
                "micro_batch_size": 2, "gradient_accumulation_steps": 4, "num_epochs": 3, "learning_rate": 0.0002, "optimizer": "adamw_torch", "lr_scheduler": "cosine"}
    return "# axolotl train configs/axolotl.yml   (from the folder of the dataset)\n" + _frontmatter.write(settings)


def _llamafactory(name, validation):
    settings = {"model_name_or_path": BASE, "stage": "sft", "do_train": True, "finetuning_type": "lora", "lora_rank": 16, "lora_alpha": 32, "lora_target": "all",
                "dataset_dir": "configs", "dataset": f"{name}-train", **({"eval_dataset": f"{name}-validation", "eval_strategy": "epoch"} if validation else {}),
                "template": "qwen3_nothink", "cutoff_len": 2048, "output_dir": "adapter", "per_device_train_batch_size": 2, "gradient_accumulation_steps": 4,
                "learning_rate": 0.0002, "num_train_epochs": 3, "lr_scheduler_type": "cosine"}
    return ("# llamafactory-cli train configs/llamafactory.yml   (from the folder of the dataset; another base model may need another template)\n"
            + _frontmatter.write(settings))


def _described(side):
    return {"file_name": f"../{side}.jsonl", "formatting": "sharegpt", "columns": {"messages": "messages"},
            "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}}
